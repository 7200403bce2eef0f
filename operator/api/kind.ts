/** One custom kind: everything that its CustomResourceDefinition, its type and its checks are made from. */
import type { TObject } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import type { Kind } from '#operator/kube/kube.ts'
import type { Column, FieldRule } from './common.ts'

export interface KindDefinition {
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
  readonly shortName: string
  readonly description: string
  readonly spec: TObject
  readonly status: TObject
  readonly rules: readonly FieldRule[]
  readonly columns: readonly Column[]
}

export type CustomKind = Kind & KindDefinition & { readonly validator: Validator }

export function defineKind(definition: KindDefinition): CustomKind {
  return Object.freeze({ ...definition, namespaced: true, validator: Compile(definition.spec) })
}

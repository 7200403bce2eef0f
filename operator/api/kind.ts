/** One custom kind: everything that its CustomResourceDefinition, its type and its checks are made from. */
import { type TObject, type TString, Type } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import type { Kind, KubeObject } from '#operator/kube/kube.ts'
import type { Column, FieldRule } from './common.ts'

export interface KindDefinition {
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
  readonly shortName: string
  readonly description: string
  /** What names of such resources look like, where that is less than Kubernetes allows. */
  readonly name?: TString
  readonly spec: TObject
  readonly status: TObject
  readonly rules: readonly FieldRule[]
  readonly columns: readonly Column[]
}

export type CustomKind = Kind & KindDefinition & { readonly validator: Validator }

export function defineKind(definition: KindDefinition): CustomKind {
  const shape = Type.Object({
    metadata: Type.Object({ name: definition.name ?? Type.String() }),
    spec: definition.spec,
  })
  return Object.freeze({ ...definition, namespaced: true, validator: Compile(shape) })
}

/**
 * What of a resource does not fit its schema, e.g. `/spec/storage/size must match …`; nothing where it fits. The API server checks
 * the same, but not what was stored before the schema was as it is.
 */
export function schemaTrouble(
  { validator }: CustomKind,
  { metadata, spec }: KubeObject & { readonly spec: unknown },
): string | undefined {
  const [first] = validator.Errors({ metadata, spec })
  return first === undefined ? undefined : `${first.instancePath} ${first.message}`
}

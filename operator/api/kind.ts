/** One custom kind: everything that its CustomResourceDefinition, its type and its checks are made from. */

import type { Kind, KubeObject } from '#operator/kube/kube.ts'
import { misfit, understood } from '#shared/schema/check.ts'
import { type TObject, type TString, Type } from '#shared/schema/type.ts'
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

export type CustomKind = Kind & KindDefinition & { readonly shape: TObject }

export function defineKind(definition: KindDefinition): CustomKind {
  const shape = Type.Object({
    metadata: Type.Object({ name: definition.name ?? Type.String() }),
    spec: definition.spec,
  })
  return Object.freeze({ ...definition, namespaced: true, shape: understood(shape) })
}

/**
 * What of a resource does not fit its schema, e.g. `/spec/storage/size must match …`; nothing where it fits. The API server checks
 * the same, but not what was stored before the schema was as it is.
 */
export function schemaTrouble(
  { shape }: CustomKind,
  { metadata, spec }: KubeObject & { readonly spec: unknown },
): string | undefined {
  const first = misfit(shape, { metadata, spec })
  return first === undefined ? undefined : `${first.instancePath} ${first.message}`
}

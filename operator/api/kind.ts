/** One custom kind: everything that its CustomResourceDefinition, its type and its checks are made from. */

import type { Kind, KubeObject } from '#operator/kube/kube.ts'
import { misfit, understood } from '#shared/schema/check.ts'
import { type TObject, type TString, Type } from '#shared/schema/type.ts'
import { brokenRule } from './broken-rule.ts'
import type { Column, FieldRule, Rule } from './common.ts'

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
  /** Rules on the whole resource: they see its name and its status. */
  readonly wholeRules?: readonly Rule[]
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
 * What of a resource does not fit its schema or breaks a rule, e.g. `/spec/storage/size must match …`; nothing where all is well. The API server checks
 * the same, but not what was stored before the schema was as it is.
 */
export function schemaTrouble(
  kind: CustomKind,
  resource: KubeObject & { readonly spec: unknown },
): string | undefined {
  const { metadata, spec } = resource
  const first = misfit(kind.shape, { metadata, spec })
  if (first !== undefined) return `${first.instancePath} ${first.message}`
  return brokenRule(kind.rules, spec) ?? brokenWhole(kind, resource)
}

function brokenWhole({ wholeRules = [] }: CustomKind, resource: unknown): string | undefined {
  return wholeRules.find(({ holds }) => holds?.(resource) === false)?.message
}

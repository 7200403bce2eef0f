/** Writing a resource's status, and telling people when it became stuck. */
import { clamped } from '#shared/schema/clamp.ts'
import type { TObject } from '#shared/schema/type.ts'
import type { Condition } from './conditions.ts'
import { covers } from './covers.ts'
import { type Kind, type Kube, type KubeObject, refTo } from './kube.ts'

export interface WithStatus extends KubeObject {
  readonly status?: { readonly conditions?: readonly Condition[] }
}

/** What was done or found, in words for an event. */
export interface Deed {
  readonly reason: string
  readonly note: string
}

export type Report = (about: KubeObject, deed: Deed, type: 'Normal' | 'Warning') => Promise<void>

export interface StatusWrite {
  /** With the schema of its status: what is too long for it is cut, so that no status is refused. */
  readonly kind: Kind & { readonly status: TObject }
  readonly resource: WithStatus
  readonly status: { readonly conditions?: readonly Condition[] }
  readonly fieldManager: string
}

/**
 * Only where it differs: a status that is written at every look would wake its own controller for ever.
 *
 * @returns the resource as it is stored now; nothing where nothing was written
 */
export async function writeStatus(
  { kube, report }: { readonly kube: Kube; readonly report: Report },
  { kind, resource, status: whole, fieldManager }: StatusWrite,
): Promise<KubeObject | undefined> {
  const status = clamped(kind.status, whole)
  if (covers(resource.status, status)) return undefined
  const object = {
    apiVersion: resource.apiVersion,
    kind: resource.kind,
    metadata: refTo(resource),
    status,
  }
  const stored = await kube.applyStatus<KubeObject>(kind, object, fieldManager)
  const stalled = stalledOf(status.conditions)
  if (stalled !== undefined && stalledOf(resource.status?.conditions)?.reason !== stalled.reason) {
    await report(resource, { reason: stalled.reason, note: stalled.message }, 'Warning')
  }
  return stored
}

function stalledOf(conditions: readonly Condition[] = []): Condition | undefined {
  return conditions.find(({ type, status }) => type === 'Stalled' && status === 'True')
}

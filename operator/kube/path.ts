/** Where an object lives in the API: `/apis/<group>/<version>/namespaces/<namespace>/<plural>/<name>`. */
import type { Kind, Ref, Selection } from './kube.ts'

export function collectionPath(kind: Kind, namespace: string | undefined): string {
  const root = kind.apiVersion.includes('/')
    ? `/apis/${kind.apiVersion}`
    : `/api/${kind.apiVersion}`
  return kind.namespaced && namespace !== undefined
    ? `${root}/namespaces/${encodeURIComponent(namespace)}/${kind.plural}`
    : `${root}/${kind.plural}`
}

export function objectPath(kind: Kind, { name, namespace }: Ref): string {
  return `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}`
}

export function selectionQuery(
  { labelSelector, fieldSelector }: Selection,
  more: Readonly<Record<string, string>> = {},
): string {
  const query = new URLSearchParams(more)
  if (labelSelector !== undefined) query.set('labelSelector', labelSelector)
  if (fieldSelector !== undefined) query.set('fieldSelector', fieldSelector)
  return query.size === 0 ? '' : `?${query}`
}

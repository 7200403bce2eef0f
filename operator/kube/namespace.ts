/** Is the whole namespace being deleted? Then nothing on a server needs to be undone: the server goes as well. */
import { namespaces } from './kinds.ts'
import type { Kube, KubeObject } from './kube.ts'

/** Asked only for a resource that is itself being deleted. */
export async function isNamespaceEnding(kube: Kube, { metadata }: KubeObject): Promise<boolean> {
  if (metadata.deletionTimestamp === undefined) return false
  const found = await kube.get<KubeObject>(namespaces, { name: metadata.namespace ?? '' })
  return found?.metadata.deletionTimestamp !== undefined
}

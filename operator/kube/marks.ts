/** How objects say whose they are: by the controller that they name, or by kind, name and UID in annotations. */
import type { KubeObject, OwnerReference } from './kube.ts'
import { annotation } from './labels.ts'

/** Kind and name of a resource, as its objects bear them. */
export function sourceOf({ kind, metadata }: KubeObject): string {
  return `${kind}/${metadata.name}`
}

/** The object with the marks of its resource, unless it names it as its controller. */
export function marked<T extends KubeObject>(object: T, owner: KubeObject): T {
  if (controllerOf(object) !== undefined) return object
  const { metadata } = object
  return {
    ...object,
    metadata: { ...metadata, annotations: { ...metadata.annotations, ...marksOf(owner) } },
  }
}

export function marksOf(owner: KubeObject): Record<string, string> {
  const { uid } = owner.metadata
  return {
    [annotation.source]: sourceOf(owner),
    ...(uid === undefined ? {} : { [annotation.ownerUid]: uid }),
  }
}

/** What goes with a resource names it so; nothing for what outlives it. */
export function controllerOf({ metadata }: KubeObject): OwnerReference | undefined {
  const found = metadata.ownerReferences?.find(({ controller }) => controller === true)
  // cert-manager may own the Secrets that it fills: what it was told to write there says whose they are.
  const isNeutral = found?.apiVersion.startsWith('cert-manager.io/') === true
  return isNeutral ? undefined : found
}

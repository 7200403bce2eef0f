/** Our finalizer on a resource: on only while there is something to undo. */
import { type Kind, type Kube, type KubeObject, refTo } from './kube.ts'
import { finalizer } from './labels.ts'

/** Sets or takes off our finalizer; those of others stay. Fails with a conflict where the resource changed meanwhile. */
export async function setFinalizer(
  kube: Kube,
  kind: Kind,
  { resource, wanted }: { readonly resource: KubeObject; readonly wanted: boolean },
): Promise<void> {
  const { resourceVersion, finalizers = [] } = resource.metadata
  if (finalizers.includes(finalizer) === wanted) return
  const others = finalizers.filter((one) => one !== finalizer)
  const patch = {
    metadata: { resourceVersion, finalizers: wanted ? [...others, finalizer] : others },
  }
  await kube.patch(kind, refTo(resource), patch)
}

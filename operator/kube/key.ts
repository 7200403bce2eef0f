/** How a queue calls a resource: `namespace/name`. */
import type { KubeObject, Ref } from './kube.ts'

export function keyOf({ metadata: { namespace, name } }: Pick<KubeObject, 'metadata'>): string {
  return `${namespace}/${name}`
}

export function refOfKey(key: string): Required<Ref> {
  const [namespace = '', name = ''] = key.split('/')
  return { name, namespace }
}

/** The pods of a test's operator: where they are, and how the process of one of them is killed. */
import { until } from './run.ts'
import type { Tenant } from './suite.ts'

export interface OperatorPod {
  readonly name: string
  readonly address: string
}

interface Pod {
  readonly metadata: { readonly name: string }
  readonly spec: { readonly nodeName: string }
  readonly status: {
    readonly podIP: string
    readonly containerStatuses: readonly { readonly containerID: string }[]
  }
}

const selector = ['-l', 'app.kubernetes.io/name=strongroom-operator']

export async function operatorPods(tenant: Tenant): Promise<readonly OperatorPod[]> {
  return (await podsOf(tenant)).map(({ metadata: { name }, status: { podIP: address } }) => ({
    ...{ name, address },
  }))
}

/** Name of the pod that leads. */
export async function leaderOf(tenant: Tenant): Promise<string> {
  const path = 'jsonpath={.spec.holderIdentity}'
  const holder = await tenant.kubectl('get', 'lease', 'strongroom', '-o', path)
  return holder.replace(/_\d+$/, '')
}

/** SIGKILL to its process: nothing is said to it, and nobody takes leave. kubelet starts another one in the same pod. */
export async function killOperator(tenant: Tenant): Promise<void> {
  await signalOperator(tenant, 'SIGKILL')
}

/** The pod goes, and its process says nothing to anybody: it sleeps until kubelet ends it, and none is started in its place. */
export async function loseOperator(tenant: Tenant, name: string): Promise<void> {
  await signalOperator(tenant, 'SIGSTOP', name)
  await tenant.kubectl('delete', 'pod', name, '--grace-period=0', '--force')
}

async function signalOperator(
  tenant: Tenant,
  signal: 'SIGKILL' | 'SIGSTOP',
  name?: string,
): Promise<void> {
  const { faults } = tenant.place.cluster
  if (faults === undefined) throw new Error('This cluster has no faults: only the built one has')
  // The status names a container a moment after it runs.
  await until('the process of the operator to be there', async () => {
    const pod = (await podsOf(tenant)).find(
      ({ metadata }) => metadata.name === (name ?? metadata.name),
    )
    const id = pod?.status.containerStatuses[0]?.containerID.replace('containerd://', '')
    if (pod === undefined || id === undefined) return undefined
    await faults.signalContainer(Number(pod.spec.nodeName.slice(1)), id, signal)
    return true
  })
}

async function podsOf(tenant: Tenant): Promise<readonly Pod[]> {
  return JSON.parse(await tenant.kubectl('get', 'pods', ...selector, '-o', 'json')).items
}

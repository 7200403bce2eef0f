/** Faults of the machine under a cluster: power, network, control plane, and two servers on one volume. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { until } from '../run.ts'
import type { Place, Tenant } from '../suite.ts'
import { quickstartResources, readStatus, usedTenant, writeAndRead } from './quickstart.ts'

export function disruptionSuite(place: () => Place): void {
  describe('faults', () => {
    let tenant: Tenant
    before(async () => {
      tenant = await usedTenant(place())
    })
    after(() => tenant?.[Symbol.asyncDispose]())

    test('two pods on one volume: the older stops with its coded error, nothing of the newer is overwritten', async () => {
      await tenant.apply(await secondServer(tenant))
      const stopped = async (): Promise<true | undefined> => {
        const log = await tenant.kubectl('logs', 'vault-0', '--previous')
        return log.includes('DataDirectoryTaken') ? true : undefined
      }
      await until('the older server to stop with DataDirectoryTaken', stopped, {
        withinMs: 60_000,
        everyMs: 200,
      })
      await tenant.kubectl('delete', 'pod', 'intruder', '--grace-period=0', '--force')
      await tenant.ready(...quickstartResources)
      assert.equal(await readStatus(tenant, 'orders/1'), 200)
      assert.deepEqual(await writeAndRead(tenant, 'orders/2'), [201, 200])
    })

    test('a power cut of the node: the data is there after it boots', async () => {
      const { faults } = place().cluster
      assert.ok(faults)
      assert.deepEqual(await writeAndRead(tenant, 'orders/3'), [201, 200])
      await faults.cutPower(1)
      await new Promise((resolve) => setTimeout(resolve, 2_000))
      await faults.boot(1)
      await until(
        'the resources to be Ready again',
        () => tenant.ready(...quickstartResources).then(() => true as const),
        { withinMs: 120_000, everyMs: 1_000 },
      )
      await until(
        'the document to be read',
        async () => ((await readStatus(tenant, 'orders/3')) === 200 ? true : undefined),
        { withinMs: 60_000 },
      )
    })

    test('an outage of the control plane: servers go on, and the operator goes on afterwards', async () => {
      const { faults } = place().cluster
      assert.ok(faults)
      await faults.stopControlPlane()
      await new Promise((resolve) => setTimeout(resolve, 3_000))
      await faults.startControlPlane()
      await until('the API server to answer', () => tenant.kubectl('get', 'strongroom'), {
        withinMs: 60_000,
        everyMs: 500,
      })
      await tenant.kubectl('delete', 'strongroompermission', 'shop-orders')
      await until(
        'the request to be refused',
        async () => ((await readStatus(tenant, 'orders/3')) === 403 ? true : undefined),
        { withinMs: 120_000, everyMs: 500 },
      )
    })
  })
}

/** The server's own pod once more, under another name, on the same volume. */
async function secondServer(tenant: Tenant): Promise<string> {
  const pod = JSON.parse(await tenant.kubectl('get', 'pod', 'vault-0', '-o', 'json'))
  const { containers, volumes, securityContext, serviceAccountName, nodeName } = pod.spec
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'intruder' },
    spec: {
      containers,
      volumes,
      securityContext,
      serviceAccountName,
      nodeName,
      automountServiceAccountToken: false,
      restartPolicy: 'Never',
    },
  })
}

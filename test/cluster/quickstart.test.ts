/** What `kubectl apply -f examples/quickstart.yaml` gives, on a real Kubernetes. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { requestsFromPod } from './program-in-pod.ts'
import { until } from './run.ts'
import { bringUpPlace, newTenant, type Place, root, type Tenant } from './suite.ts'

const quickstart = readFileSync(join(root, 'examples/quickstart.yaml'), 'utf8')
const resources = [
  'strongroom/vault',
  'strongroomdatabase/orders',
  'strongroomcertificate/shop',
  'strongroompermission/shop-orders',
]

describe('the quickstart on a real Kubernetes', () => {
  let place: Place
  let tenant: Tenant
  before(async () => {
    place = await bringUpPlace({ id: 1, nodes: 1 })
    tenant = await newTenant(place)
  })
  after(async () => {
    await tenant?.[Symbol.asyncDispose]()
    await place?.[Symbol.asyncDispose]()
  })

  test('every resource becomes Ready', async () => {
    const began = performance.now()
    await tenant.apply(quickstart)
    await tenant.ready(...resources)
    process.stderr.write(
      `quickstart Ready after ${((performance.now() - began) / 1000).toFixed(1)} s\n`,
    )
  })

  test('a program in a pod writes and reads through the Service with its Secret', async () => {
    const answers = await requestsFromPod(tenant, {
      secretName: 'shop-tls',
      requests: [
        [
          'PUT',
          '/databases/orders/docs?id=orders%2F1',
          { Total: 7.1, '@metadata': { '@collection': 'Orders' } },
        ],
        ['GET', '/databases/orders/docs?id=orders%2F1'],
        ['GET', '/databases/billing/docs?id=x'],
        ['GET', '/certificates/whoami'],
      ],
    })
    assert.deepEqual(
      answers.map(({ status }) => status),
      [201, 200, 403, 200],
    )
    const [, read, , who] = answers.map(
      ({ body }) =>
        body as {
          readonly Results: { readonly Total: number }[]
          readonly Name: string
          readonly Permissions: unknown
        },
    )
    assert.equal(read?.Results[0]?.Total, 7.1)
    assert.deepEqual([who?.Name, who?.Permissions], ['shop', { orders: 'ReadWrite' }])
  })

  test('the next request fails once the permission is deleted', async () => {
    await tenant.kubectl('delete', 'strongroompermission', 'shop-orders')
    const refused = async (): Promise<true | undefined> => {
      const [answer] = await requestsFromPod(tenant, {
        secretName: 'shop-tls',
        requests: [['GET', '/databases/orders/docs?id=orders%2F1']],
      })
      return answer?.status === 403 ? true : undefined
    }
    await until('the request to be refused', refused, { withinMs: 30_000 })
  })
})

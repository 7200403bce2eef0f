/** What `kubectl apply -f examples/quickstart.yaml` gives. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { requestsFromPod } from '../program-in-pod.ts'
import { until } from '../run.ts'
import { newTenant, type Place, root, type Tenant } from '../suite.ts'

export const quickstart = readFileSync(join(root, 'examples/quickstart.yaml'), 'utf8')
export const quickstartResources = [
  'strongroom/vault',
  'strongroomdatabase/orders',
  'strongroomcertificate/shop',
  'strongroompermission/shop-orders',
]

/** A namespace in which the quickstart is Ready. */
export async function quickstartTenant(place: Place): Promise<Tenant> {
  const tenant = await newTenant(place)
  await tenant.apply(quickstart)
  await tenant.ready(...quickstartResources)
  return tenant
}

/** The same, with document `orders/1` in its database. */
export async function usedTenant(place: Place): Promise<Tenant> {
  const tenant = await quickstartTenant(place)
  assert.deepEqual(await writeAndRead(tenant, 'orders/1'), [201, 200])
  return tenant
}

/** One document written and read back by a program in a pod: its status codes. */
export async function writeAndRead(tenant: Tenant, id: string): Promise<readonly number[]> {
  const path = `/databases/orders/docs?id=${encodeURIComponent(id)}`
  const answers = await requestsFromPod(tenant, {
    secretName: 'shop-tls',
    requests: [
      ['PUT', path, { Total: 7.1 }],
      ['GET', path],
    ],
  })
  return answers.map(({ status }) => status)
}

/** The status code of reading a document. */
export async function readStatus(tenant: Tenant, id: string): Promise<number | undefined> {
  const [answer] = await requestsFromPod(tenant, {
    secretName: 'shop-tls',
    requests: [['GET', `/databases/orders/docs?id=${encodeURIComponent(id)}`]],
  })
  return answer?.status
}

export function quickstartSuite(place: () => Place): void {
  describe('the quickstart', () => {
    let tenant: Tenant
    before(async () => {
      tenant = await newTenant(place())
    })
    after(() => tenant?.[Symbol.asyncDispose]())

    test('every resource becomes Ready', async () => {
      const began = performance.now()
      await tenant.apply(quickstart)
      await tenant.ready(...quickstartResources)
      process.stderr.write(
        `quickstart Ready after ${((performance.now() - began) / 1000).toFixed(1)} s\n`,
      )
    })

    test('a program in a pod writes and reads through the Service with its Secret, and nothing else', async () => {
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
          ['GET', '/admin/certificates'],
          ['GET', '/certificates/whoami'],
        ],
      })
      assert.deepEqual(
        answers.map(({ status }) => status),
        [201, 200, 403, 403, 200],
      )
      const bodies = answers.map(
        ({ body }) =>
          body as {
            readonly Results: { readonly Total: number }[]
            readonly Name: string
            readonly Permissions: unknown
          },
      )
      assert.equal(bodies[1]?.Results[0]?.Total, 7.1)
      assert.deepEqual([bodies[4]?.Name, bodies[4]?.Permissions], ['shop', { orders: 'ReadWrite' }])
    })

    test('kubectl shows what a person wants to know', async () => {
      const table = await tenant.kubectl('get', 'strongroom')
      assert.match(table, /vault +True +Ready +1\/1 +https:\/\/vault\./)
      const all = await tenant.kubectl('get', 'sr,srdb,srcert,srperm')
      for (const name of ['vault', 'orders', 'shop', 'shop-orders'])
        assert.match(all, new RegExp(`/${name} `))
      const described = await tenant.kubectl('describe', 'strongroom', 'vault')
      assert.match(described, /MasterKeyMade/)
      assert.match(described, /Type: +StoreTrusted/)
    })

    test('servers run without an API token, with a read-only root, as nobody', async () => {
      const pod = await tenant.get<{
        readonly spec: {
          readonly automountServiceAccountToken: boolean
          readonly volumes: { readonly name: string }[]
        }
      }>('pod', 'vault-0')
      assert.equal(pod?.spec.automountServiceAccountToken, false)
      assert.ok(!pod?.spec.volumes.some(({ name }) => name.startsWith('kube-api-access')))
      const who = await tenant.kubectl(
        'exec',
        'vault-0',
        '--',
        'node',
        '-p',
        'JSON.stringify([process.getuid(), require("fs").readdirSync("/proc/self/fd").length > 0])',
      )
      assert.match(who, /^\[65532,/)
      await assert.rejects(
        tenant.kubectl(
          'exec',
          'vault-0',
          '--',
          'node',
          '-e',
          'require("fs").writeFileSync("/app/x", "")',
        ),
        /EROFS/,
      )
    })

    test('no key is in a log, an event, a status or an environment', async () => {
      const secrets = JSON.parse(await tenant.kubectl('get', 'secret', '-o', 'json')) as {
        readonly items: { readonly type: string; readonly data?: Record<string, string> }[]
      }
      const keys = secrets.items
        .filter(({ type }) => type.startsWith('strongroom.dev/'))
        .flatMap(({ data = {} }) => Object.values(data))
        .map((value) => Buffer.from(value, 'base64'))
        .filter(({ length }) => length === 32)
      assert.equal(keys.length, 2)
      const shown = [
        await tenant.kubectl('logs', 'deployment/strongroom'),
        await tenant.kubectl('logs', 'vault-0'),
        await tenant.kubectl(
          'get',
          'events,pods,statefulsets,configmaps,strongrooms,strongroomdatabases,strongroomcertificates',
          '-o',
          'yaml',
        ),
      ].join('\n')
      for (const key of keys)
        for (const form of ['base64', 'hex'] as const)
          assert.ok(!shown.includes(key.toString(form)))
    })

    test('a pod that is killed comes back with its data', async () => {
      await tenant.kubectl('delete', 'pod', 'vault-0', '--grace-period=0', '--force')
      await until(
        'the pod to be ready again',
        async () =>
          (await tenant.get<PodObject>('pod', 'vault-0'))?.status.conditions?.some(isReady)
            ? true
            : undefined,
        { withinMs: 60_000 },
      )
      assert.equal(await readStatus(tenant, 'orders/1'), 200)
    })

    test('the next request fails once the permission is deleted', async () => {
      await tenant.kubectl('delete', 'strongroompermission', 'shop-orders')
      await until(
        'the request to be refused',
        async () => ((await readStatus(tenant, 'orders/1')) === 403 ? true : undefined),
        { withinMs: 30_000 },
      )
    })
  })
}

interface PodObject {
  readonly status: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
  }
}

function isReady({ type, status }: { readonly type: string; readonly status: string }): boolean {
  return type === 'Ready' && status === 'True'
}

/** What happens when nothing changed, and when something did: no idle writes, repaired drift, certificates that swap under load. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Issued, publicAuthority } from '#test/support/public-authority.ts'
import { until } from '../run.ts'
import { type Place, root, type Tenant } from '../suite.ts'
import { quickstart, quickstartTenant } from './quickstart.ts'

export interface SteadyOptions {
  /** For how long nothing may be written. */
  readonly quietSeconds: number
}

interface StrongroomObject {
  readonly status: {
    readonly storeCommit: number
    readonly members: readonly {
      readonly serves: { readonly public: { readonly sha256: string } }
    }[]
  }
}

export function steadySuite(place: () => Place, { quietSeconds }: SteadyOptions): void {
  describe('a cluster that is as declared', () => {
    let tenant: Tenant
    before(async () => {
      tenant = await quickstartTenant(place())
    })
    after(() => tenant?.[Symbol.asyncDispose]())

    test(`the operator writes nothing in a second apply, an upgrade without change, and ${quietSeconds} s after them`, async (t) => {
      if (place().cluster.kind === 'kind') return t.skip('kind writes no audit log')
      await hasCaughtUp(tenant)
      const uid = await podUid(tenant)
      const before = await writesOf(tenant)
      assert.ok(before.length > 0, 'the log shows what the operator wrote until now')
      await tenant.apply(quickstart)
      await upgradeOperator(tenant)
      await new Promise((resolve) => setTimeout(resolve, quietSeconds * 1000))
      assert.deepEqual((await writesOf(tenant)).slice(before.length), [])
      assert.equal(await podUid(tenant), uid)
    })

    test('rights that somebody changed on the server are repaired within a minute', async () => {
      const { thumbprint } = (
        await tenant.get<{ readonly status: { readonly thumbprint: string } }>(
          'strongroomcertificate',
          'shop',
        )
      )?.status ?? { thumbprint: '' }
      const body = JSON.stringify({
        Name: 'shop',
        Thumbprint: thumbprint,
        SecurityClearance: 'ClusterAdmin',
        Permissions: {},
      })
      await asOperator(tenant, 'POST', '/admin/certificates/edit', body)
      await until(
        'the rights to be repaired',
        async () => ((await clearanceOf(tenant, thumbprint)) === 'ValidUser' ? true : undefined),
        { withinMs: 75_000, everyMs: 1_000 },
      )
    })

    test("a user's certificate is served without a restart, and a damaged one is not", async () => {
      const host = 'vault.example.test'
      // The public name is a setting of the servers, which start anew with it; from then on nothing restarts.
      await tenant.kubectl(
        'patch',
        'strongroom',
        'vault',
        '--type=merge',
        '-p',
        JSON.stringify({ spec: { exposure: { host } } }),
      )
      await tenant.kubectl('rollout', 'status', 'statefulset/vault', '--timeout=90s')
      await tenant.ready('strongroom/vault')
      const uid = await podUid(tenant)
      const secret = await issuedFor(host)
      await tenant.apply(secret.yaml)
      const source = { selfSigned: null, secretRef: { name: 'public' } }
      await tenant.kubectl(
        'patch',
        'strongroom',
        'vault',
        '--type=merge',
        '-p',
        JSON.stringify({ spec: { tls: { server: source } } }),
      )
      await served(tenant, secret.sha256)
      await tenant.apply(
        (await issuedFor(host)).yaml.replace(/"tls.key":"[^"]+"/, '"tls.key":"bm9uc2Vuc2U="'),
      )
      await tenant.reason('strongroom/vault', 'CertificatesReady', 'SecretInvalid')
      await served(tenant, secret.sha256)
      const mended = await issuedFor(host)
      await tenant.apply(mended.yaml)
      await served(tenant, mended.sha256)
      await tenant.ready('strongroom/vault')
      assert.equal(await podUid(tenant), uid, 'no pod was restarted')
    })
  })
}

async function served(tenant: Tenant, sha256: string): Promise<void> {
  const isServed = async (): Promise<true | undefined> => {
    const found = await tenant.get<StrongroomObject>('strongroom', 'vault')
    return found?.status.members[0]?.serves?.public?.sha256 === sha256 ? true : undefined
  }
  await until(`certificate ${sha256.slice(0, 8)} to be served`, isServed, {
    withinMs: 60_000,
    everyMs: 200,
  })
}

async function podUid(tenant: Tenant): Promise<string | undefined> {
  return (await tenant.get<{ readonly metadata: { readonly uid: string } }>('pod', 'vault-0'))
    ?.metadata.uid
}

/** To the very same chart; its pod is made anew, so that another process looks at everything once. */
function upgradeOperator({ place, namespace }: Tenant): Promise<string> {
  const chart = join(root, 'charts/strongroom')
  return place.helm(
    ...['upgrade', 'strongroom', chart, '--namespace', namespace, '--reuse-values'],
    ...['--set', 'podAnnotations.touched=yes', '--wait', '--timeout', '90s'],
  )
}

/** Mutating requests of this tenant's operator so far. */
async function writesOf({ place, namespace }: Tenant): Promise<string[]> {
  const user = `system:serviceaccount:${namespace}:strongroom`
  const writes: string[] = []
  for await (const line of place.cluster.auditLines()) {
    if (!line.includes(user)) continue
    const event = JSON.parse(line)
    // The lease is renewed for as long as the operator lives.
    if (
      event.user.username === user &&
      event.stage === 'ResponseComplete' &&
      event.objectRef?.resource !== 'leases'
    )
      writes.push(`${event.verb} ${event.requestURI}`)
  }
  return writes
}

/** What was made last on the server is in the cluster's status only after the next resync, which would pass for an idle write. */
async function hasCaughtUp(tenant: Tenant): Promise<void> {
  const { StoreCommit } = JSON.parse(await asOperator(tenant, 'GET', '/admin/strongroom/state'))
  await until(
    'the status to know the store as it is',
    async () => {
      const { status } = (await tenant.get<StrongroomObject>('strongroom', 'vault')) ?? {}
      return status?.storeCommit === StoreCommit ? true : undefined
    },
    { withinMs: 90_000, everyMs: 500 },
  )
}

/** A request with the operator's own certificate, from inside the server's pod. */
async function asOperator(
  tenant: Tenant,
  method: string,
  path: string,
  body = '',
): Promise<string> {
  const secret = await tenant.get<{ readonly data: Record<string, string> }>(
    'secret',
    'vault-operator',
  )
  const script = `
    const tls = JSON.parse(process.argv[1]), of = (name) => Buffer.from(tls[name], 'base64')
    const request = require('https').request({ host: '127.0.0.1', port: 8443, servername: 'localhost', method: process.argv[2], path: process.argv[3],
      ca: require('fs').readFileSync('/etc/strongroom/internal-tls/ca.crt'), cert: of('tls.crt'), key: of('tls.key'), headers: { 'content-length': Buffer.byteLength(process.argv[4] ?? '') } },
      (answer) => { answer.pipe(process.stdout); answer.on('end', () => { process.exitCode = answer.statusCode < 400 ? 0 : 1 }) })
    request.end(process.argv[4])`
  return tenant.kubectl(
    'exec',
    'vault-0',
    '--',
    'node',
    '-e',
    script,
    JSON.stringify(secret?.data ?? {}),
    method,
    path,
    body,
  )
}

async function clearanceOf(tenant: Tenant, thumbprint: string): Promise<string | undefined> {
  const answer = JSON.parse(
    await asOperator(tenant, 'GET', `/admin/certificates?thumbprint=${thumbprint}`),
  )
  return answer.Results[0]?.SecurityClearance
}

/** A server certificate of a public authority, another each time, in Secret `public`. */
async function issuedFor(host: string): Promise<Issued> {
  const { issue } = await publicAuthority('public', host)
  return issue()
}

/** cert-manager's own controllers beside the cluster: what they issue is served, renewed and replaced; they may come late and go. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  type CertManager,
  type CertManagerFiles,
  certManagerDefinitions,
  certManagerFiles,
  startCertManager,
} from '#bench/peers/cert-manager.ts'
import { secretText } from '#operator/kube/secret.ts'
import { httpsAcme } from '#shared/acme/https-acme.ts'
import { systemClock } from '#shared/clock.ts'
import { readCertificates } from '#shared/pki/certificate.ts'
import { makeKeyPair } from '#shared/pki/issue.ts'
import { privateKeyPem } from '#shared/pki/pem.ts'
import { type AcmeLab, acmeLab } from '#test/support/acme-lab/acme-lab.ts'
import { issueByHttp01 } from '#test/support/acme-lab/plain-order.ts'
import { isGoThere } from '#test/tools/built-once.ts'
import { requestsFromPod } from '../program-in-pod.ts'
import { until } from '../run.ts'
import {
  issuedBy,
  issuers,
  leafOf,
  mounted,
  removeDefinitions,
  secretOf,
  servedAnew,
  serverUid,
  serving,
  statusOf,
  vault,
} from '../served-certificate.ts'
import { newTenant, type Place, type Tenant } from '../suite.ts'

const skip =
  certManagerDefinitions() === undefined &&
  !(await isGoThere()) &&
  'cert-manager is not built, and Go, which builds it, is not there'

const acmeReference = { group: 'cert-manager.io', kind: 'ClusterIssuer', name: 'pebble' }

/**
 * A ClusterIssuer with an account that has proven the name already, which Pebble remembers: cert-manager's own proofs need pods of
 * its image (HTTP-01) or sleep a minute for each name (DNS-01), and are not what is looked at here.
 */
async function acmeIssuer({ directoryUrl, trust }: AcmeLab, name: string): Promise<string> {
  const { privateKey } = await makeKeyPair('rsa-3072')
  const api = httpsAcme({ directoryUrl, trust, accountKey: privateKey, now: systemClock.now })
  await api.newAccount({})
  await issueByHttp01(api, name, () => undefined)
  api.close()
  const account = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'pebble-account', namespace: 'kube-system' },
    stringData: { 'tls.key': privateKeyPem(privateKey) },
  }
  const issuer = {
    apiVersion: 'cert-manager.io/v1',
    kind: 'ClusterIssuer',
    metadata: { name: acmeReference.name },
    spec: {
      acme: {
        server: directoryUrl,
        caBundle: Buffer.from(trust).toString('base64'),
        profile: 'default',
        privateKeySecretRef: { name: account.metadata.name },
        disableAccountKeyGeneration: true,
        solvers: [{ http01: { ingress: {} } }],
      },
    },
  }
  return [account, issuer].map((object) => JSON.stringify(object)).join('\n---\n')
}

/** A user's own Certificate that keeps its key. */
const keepsItsKey = `apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: own}
spec:
  secretName: own
  dnsNames: [vault.example.com]
  privateKey: {algorithm: RSA, size: 2048, rotationPolicy: Never}
  issuerRef: {name: ca}
`

const client = `apiVersion: strongroom.dev/v1alpha1
kind: StrongroomDatabase
metadata: {name: orders}
spec: {clusterRef: {name: vault}}
---
apiVersion: strongroom.dev/v1alpha1
kind: StrongroomCertificate
metadata: {name: shop}
spec:
  clusterRef: {name: vault}
  commonName: shop
  secretName: shop-tls
  issuerRef: {group: cert-manager.io, name: ca}
---
apiVersion: strongroom.dev/v1alpha1
kind: StrongroomPermission
metadata: {name: shop-orders}
spec:
  clusterRef: {name: vault}
  subject: {certificateRef: {name: shop}}
  databases: [{name: orders, access: ReadWrite}]
`

export function certManagerSuite(place: () => Place): void {
  describe('cert-manager', { skip }, () => {
    let tenant: Tenant
    let files: CertManagerFiles
    let running: CertManager | undefined
    before(async () => {
      const found = await certManagerFiles((line) => process.stderr.write(`${line}\n`))
      if (found === undefined) throw new Error('cert-manager is not built and Go is not there')
      files = found
      tenant = await newTenant(place())
    })
    after(async () => {
      await tenant?.[Symbol.asyncDispose]()
      await running?.[Symbol.asyncDispose]()
      await removeDefinitions(place())
    })

    test('a Strongroom that names its issuer before it is installed says so, and stands on its internal certificate', async () => {
      await tenant.apply(vault(issuedBy('self-signed')))
      const message = await tenant.reason(
        'strongroom/vault',
        'CertificatesReady',
        'CertManagerMissing',
      )
      assert.match(message, /install cert-manager/)
      await until(
        'the member to be ready',
        async () => ((await serving(tenant))?.ready ? true : undefined),
        {
          withinMs: 90_000,
        },
      )
      assert.equal((await serving(tenant))?.serves?.public, undefined)
    })

    test('once cert-manager is there, what its self-signed issuer gives is served within two looks', async () => {
      running = await startCertManager(place().cluster, files)
      await tenant.apply(issuers)
      const certificate = await servedAnew(tenant)
      assert.deepEqual(certificate.dnsNames, ['vault.example.com'])
      assert.ok(certificate.isSelfIssued)
      await tenant.ready('strongroom/vault')
    })

    test('another issuer and more names: a certificate of its CA for all of them, with ca.crt, and no pod is restarted', async () => {
      const [before, uid] = [await mounted(tenant), await serverUid(tenant)]
      await tenant.apply(vault(issuedBy('ca'), ['*.vault.example.com']))
      const certificate = await servedAnew(tenant, before)
      assert.deepEqual(certificate.dnsNames.toSorted(), [
        '*.vault.example.com',
        'vault.example.com',
      ])
      assert.match(certificate.issuer, /cert-manager test CA/)
      assert.match(secretText(await secretOf(tenant, 'vault-server-tls'), 'ca.crt'), /BEGIN CERT/)
      assert.equal(await serverUid(tenant), uid)
    })

    test('a renewal that somebody asks of cert-manager is served, with another key', async () => {
      const before = await mounted(tenant)
      await renew(tenant, 'vault-cert-manager-tls')
      const certificate = await servedAnew(tenant, before)
      assert.notEqual(certificate.pin, before?.pin)
      await tenant.ready('strongroom/vault')
      const { issuer, sha256, revision } = (await statusOf(tenant))?.publicCertificate ?? {}
      assert.deepEqual([issuer, sha256, revision], ['Issuer/ca', certificate.sha256, 3])
    })

    test("an issuer that is missing: the old certificate stays, and the condition has cert-manager's own words", async () => {
      const before = await mounted(tenant)
      await tenant.apply(vault(issuedBy('nobody'), ['*.vault.example.com']))
      const message = await tenant.reason(
        'strongroom/vault',
        'CertificatesReady',
        'CertificateNotReady',
      )
      assert.match(message, /Issuer "nobody"/)
      await until(
        'the request to say what is missing',
        async () =>
          /not found/.test(
            await tenant.reason('strongroom/vault', 'CertificatesReady', 'CertificateNotReady'),
          )
            ? true
            : undefined,
        { withinMs: 30_000 },
      )
      assert.equal((await serving(tenant))?.serves?.public?.sha256, before?.sha256)
    })

    test('an ACME ClusterIssuer: its chain is served, and that there is no ca.crt is no trouble', async () => {
      await using lab = await acmeLab({ authorizationReuse: 100, alwaysValid: true })
      const [before, uid] = [await mounted(tenant), await serverUid(tenant)]
      await tenant.place.cluster.apply(await acmeIssuer(lab, 'vault.example.com'))
      await tenant.apply(vault({ issuerRef: { ...acmeReference } }))
      const certificate = await servedAnew(tenant, before)
      assert.match(certificate.issuer, /Pebble/)
      const secret = await secretOf(tenant, 'vault-server-tls')
      assert.equal(secret?.data?.['ca.crt'], undefined)
      assert.ok(readCertificates(Buffer.from(secretText(secret, 'tls.crt'))).length > 1)
      await tenant.ready('strongroom/vault')
      assert.equal(await serverUid(tenant), uid)
    })

    test("a user's own Certificate that keeps its key is renewed and served with the same key, and ours is cleaned up", async () => {
      const old = await mounted(tenant)
      await tenant.apply(keepsItsKey)
      await tenant.apply(vault({ secretRef: { name: 'own' } }))
      const first = await servedAnew(tenant, old)
      await renew(tenant, 'own')
      const second = await servedAnew(tenant, first)
      assert.equal(second.pin, first.pin)
      await until(
        'what was asked of cert-manager to be gone',
        async () => {
          const left = await tenant.kubectl(
            'get',
            'certificates.cert-manager.io,secrets',
            '-o',
            'name',
          )
          return left.includes('vault-cert-manager-tls') ? undefined : true
        },
        { withinMs: 30_000 },
      )
    })

    test('a client certificate of its CA is registered, used, and renewed under the same rights', async () => {
      await tenant.apply(vault(issuedBy('ca')))
      await tenant.apply(client)
      const resources = [
        'strongroomdatabase/orders',
        'strongroomcertificate/shop',
        'strongroompermission/shop-orders',
      ]
      await tenant.ready('strongroom/vault', ...resources)
      const secret = await secretOf(tenant, 'shop-tls')
      const certificate = leafOf(secret)
      assert.match(certificate?.issuer ?? '', /cert-manager test CA/)
      assert.match(secretText(secret, 'tls.key'), /BEGIN RSA PRIVATE KEY/)
      assert.ok(certificate?.allowsClientAuth && !certificate.allowsServerAuth)
      assert.deepEqual(await statuses(tenant, 'shop-tls'), [201, 200])
      await renew(tenant, 'shop-cert-manager-client')
      await until(
        'the renewed certificate to be in its Secret',
        async () => {
          const now = leafOf(await secretOf(tenant, 'shop-tls'))
          return now?.sha256 === certificate?.sha256 ? undefined : now
        },
        { withinMs: 30_000 },
      )
      await tenant.ready('strongroomcertificate/shop')
      assert.deepEqual(await statuses(tenant, 'shop-tls'), [201, 200])
    })

    test('the public certificate, for servers only, is refused where it is presented as a client', async () => {
      const own = await secretOf(tenant, 'vault-server-tls')
      const trust = await secretOf(tenant, 'shop-tls')
      const data = { ...own?.data, 'ca.crt': trust?.data?.['ca.crt'] }
      const metadata = { name: 'as-client' }
      await tenant.apply(JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata, data }))
      assert.deepEqual(await statuses(tenant, 'as-client'), [403, 403])
    })

    test('when cert-manager is taken away, what it issued is served on, and the condition says so', async () => {
      const before = await mounted(tenant)
      await running?.[Symbol.asyncDispose]()
      await removeDefinitions(place())
      await tenant.reason('strongroom/vault', 'CertificatesReady', 'CertManagerMissing')
      const now = await serving(tenant)
      assert.equal(now?.serves?.public?.sha256, before?.sha256)
      assert.ok(now?.ready)
      assert.deepEqual(await statuses(tenant, 'shop-tls'), [201, 200])
      const log = await tenant.kubectl('logs', 'deployment/strongroom')
      assert.doesNotMatch(log, /could not be asked/)
    })
  })
}

/** What a program that writes and reads one document is answered. */
async function statuses(tenant: Tenant, secretName: string): Promise<readonly number[]> {
  const path = '/databases/orders/docs?id=orders%2F1'
  const answers = await requestsFromPod(tenant, {
    secretName,
    requests: [
      ['PUT', path, { Total: 7.1 }],
      ['GET', path],
    ],
  })
  return answers.map(({ status }) => status)
}

/** As `cmctl renew` does it: the condition by which cert-manager takes a Certificate up. */
async function renew(tenant: Tenant, name: string): Promise<void> {
  const kind = 'certificates.cert-manager.io'
  const found = await tenant.get<{ readonly status?: { readonly conditions?: object[] } }>(
    kind,
    name,
  )
  const asked = {
    type: 'Issuing',
    status: 'True',
    reason: 'ManuallyTriggered',
    message: 'A test asked for it',
    lastTransitionTime: new Date().toISOString(),
  }
  const patch = { status: { conditions: [...(found?.status?.conditions ?? []), asked] } }
  await tenant.kubectl(
    ...['patch', kind, name, '--subresource=status', '--type=merge', '-p', JSON.stringify(patch)],
  )
}

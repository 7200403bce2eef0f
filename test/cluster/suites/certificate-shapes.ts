/** Every shape of a certificate from every source of one, as tables: it is served as declared, or excluded with a reason. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  type CertManager,
  certManagerDefinitions,
  certManagerFiles,
  startCertManager,
} from '#bench/peers/cert-manager.ts'
import { secretText } from '#operator/kube/secret.ts'
import { tlsData } from '#operator/kube/tls-secret.ts'
import { type Issued, issueServerCertificate, makeKeyPair } from '#shared/pki/issue.ts'
import { type AcmeLab, acmeLab } from '#test/support/acme-lab/acme-lab.ts'
import {
  clientKeys,
  clientSources,
  excluded,
  host,
  type Shape,
  type ShapeName,
  type SourceName,
  shapes,
  sources,
} from '#test/support/certificate-shapes.ts'
import { authority, days } from '#test/support/certificates.ts'
import { isGoThere } from '#test/tools/built-once.ts'
import { availableCluster } from '../available.ts'
import {
  addressOf,
  askedOfTheLab,
  httpsPort,
  issuerManifest,
  signedUpdates,
  tsigManifest,
} from '../ordering.ts'
import { requestsFromPod } from '../program-in-pod.ts'
import {
  issuers,
  leafOf,
  mounted,
  removeDefinitions,
  secretOf,
  servedAnew,
  serverUid,
  vault,
} from '../served-certificate.ts'
import { newTenant, type Place, type Tenant } from '../suite.ts'

const skip =
  certManagerDefinitions() === undefined &&
  !(await isGoThere()) &&
  'cert-manager is not built, and Go, which builds it, is not there'

const noWay =
  (await availableCluster()).kind === 'kind' && 'kind has no way to a CA on this machine'

export function certificateShapesSuite(place: () => Place): void {
  describe('a certificate', { skip }, () => {
    let tenant: Tenant
    let running: CertManager | undefined
    let lab: AcmeLab | undefined
    let signer: Issued
    let uid: string | undefined
    before(async () => {
      const files = await certManagerFiles((line) => process.stderr.write(`${line}\n`))
      if (files === undefined) throw new Error('cert-manager cannot be built')
      running = await startCertManager(place().cluster, files)
      tenant = await newTenant(place())
      await tenant.apply(issuers)
      await tenant.apply(ownIssuer)
      signer = await authority('test authority')
      const { cluster } = place()
      if (noWay === false)
        lab = await acmeLab({ place: cluster, zones: ['example.com'], tlsAlpnPort: httpsPort })
    })
    after(async () => {
      await lab?.[Symbol.asyncDispose]()
      await tenant?.[Symbol.asyncDispose]()
      await running?.[Symbol.asyncDispose]()
      await removeDefinitions(place())
    })

    for (const source of Object.keys(sources) as SourceName[])
      for (const name of Object.keys(shapes) as ShapeName[])
        test(`of a server with ${name}, from ${source}`, {
          skip: excluded[source][name] ?? (source === 'an ACME issuer of ours' && noWay),
        }, async () => {
          const shape: Shape = shapes[name]
          const isOrdered = source === 'an ACME issuer of ours'
          if (isOrdered) await prepareOrder(tenant, lab, shape)
          const earlier = await mounted(tenant)
          if (source === 'a Secret of the user') await tenant.apply(await userSecret(signer, shape))
          await tenant.apply(vault(sources[source], shape.dnsNames, host))
          const certificate = await servedAnew(tenant, earlier)
          const { dnsNames, addresses = [], key } = shape
          assert.deepEqual(certificate.dnsNames.toSorted(), [host, ...dnsNames].toSorted())
          assert.deepEqual(certificate.ipAddresses, addresses)
          assert.equal(certificate.publicKey.asymmetricKeyType, key)
          assert.equal(/Pebble/.test(certificate.issuer), isOrdered)
          assert.ok(certificate.allowsServerAuth && !certificate.allowsClientAuth)
          uid ??= await serverUid(tenant)
          assert.equal(await serverUid(tenant), uid, 'no pod is restarted for it')
        })

    for (const [source, named] of Object.entries(clientSources))
      for (const [algorithm, key] of Object.entries(clientKeys))
        test(`of a client, ${algorithm}, from ${source}`, async () => {
          const name = `${algorithm}-${source.split(' ').at(-1)}`.toLowerCase()
          await tenant.apply(clientCertificate({ name, algorithm, named }))
          await tenant.ready(`strongroomcertificate/${name}`)
          const secret = await secretOf(tenant, name)
          const certificate = leafOf(secret)
          assert.equal(certificate?.commonName, name)
          assert.equal(certificate.publicKey.asymmetricKeyType, key.type)
          assert.ok(certificate.allowsClientAuth && !certificate.allowsServerAuth)
          assert.ok(secretText(secret, 'tls.key').startsWith(key.begins))
          const [answer] = await requestsFromPod(tenant, {
            secretName: name,
            requests: [['GET', '/certificates/whoami']],
          })
          assert.equal(answer?.status, 200)
        })

    test('of a server that shall name an address is refused by the API server, where it would be asked for or signed', async () => {
      await assert.rejects(
        tenant.apply(vault(sources['the cluster itself'], ['192.0.2.1'], host)),
        /spec\.tls\.dnsNames\[0\]: Invalid value: "192\.0\.2\.1"/,
      )
    })
  })
}

/** cert-manager's `ca` as an issuer of ours. */
const ownIssuer = `apiVersion: strongroom.dev/v1alpha1
kind: StrongroomIssuer
metadata: {name: ca}
spec: {ca: {secretRef: {name: ca}}}
`

/** The names lead to the member, who proves them; a wildcard is proven in DNS. */
async function prepareOrder(tenant: Tenant, lab: AcmeLab | undefined, shape: Shape): Promise<void> {
  if (lab === undefined) throw new Error('There is no CA')
  if ((await mounted(tenant)) === undefined) {
    await tenant.apply(vault(sources['the cluster itself'], [], host))
    await servedAnew(tenant)
  }
  const address = await addressOf(tenant, 'vault')
  const plain = [host, ...shape.dnsNames].filter((name) => !name.startsWith('*'))
  for (const name of plain) await lab.dns.setAddress(name, address)
  const byDns = signedUpdates(lab, { check: askedOfTheLab(lab) })
  const solver = { tlsAlpn01: {} }
  const solvers = [{ selector: { dnsNames: [`*.${host}`] }, ...byDns }, solver]
  const keyType = shape.key === 'rsa' ? 'RSA' : 'ECDSA'
  const issuer = issuerManifest(lab, { name: 'acme', solver, more: { solvers, keyType } })
  await tenant.apply([tsigManifest(lab), issuer].join('\n---\n'))
}

function clientCertificate({
  name,
  algorithm,
  named,
}: {
  readonly name: string
  readonly algorithm: string
  readonly named: object
}): string {
  return JSON.stringify({
    apiVersion: 'strongroom.dev/v1alpha1',
    kind: 'StrongroomCertificate',
    metadata: { name },
    spec: {
      clusterRef: { name: 'vault' },
      commonName: name,
      secretName: name,
      privateKey: { algorithm },
      ...named,
    },
  })
}

async function userSecret(
  signer: Issued,
  { dnsNames, addresses = [], key }: Shape,
): Promise<string> {
  const issued = await issueServerCertificate(signer, {
    commonName: host.slice(0, 64),
    dnsNames: [host, ...dnsNames],
    ipAddresses: addresses,
    validity: days(90, Date.now()),
    keys: await makeKeyPair(key === 'rsa' ? 'rsa-3072' : 'p-256'),
  })
  const metadata = { name: 'mine' }
  const data = tlsData(issued)
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata,
    type: 'kubernetes.io/tls',
    data,
  })
}

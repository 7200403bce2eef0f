/** Every shape of a public certificate from every source of one, as one table: it is served as declared, or excluded with a reason. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  type CertManager,
  certManagerDefinitions,
  certManagerFiles,
  startCertManager,
} from '#bench/peers/cert-manager.ts'
import { tlsData } from '#operator/kube/tls-secret.ts'
import { type Issued, issueServerCertificate, makeKeyPair } from '#shared/pki/issue.ts'
import {
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
import {
  issuers,
  mounted,
  removeDefinitions,
  servedAnew,
  serverUid,
  vault,
} from '../served-certificate.ts'
import { newTenant, type Place, type Tenant } from '../suite.ts'

const skip =
  certManagerDefinitions() === undefined &&
  !(await isGoThere()) &&
  'cert-manager is not built, and Go, which builds it, is not there'

export function certificateShapesSuite(place: () => Place): void {
  describe('a public certificate', { skip }, () => {
    let tenant: Tenant
    let running: CertManager | undefined
    let signer: Issued
    let uid: string | undefined
    before(async () => {
      const files = await certManagerFiles((line) => process.stderr.write(`${line}\n`))
      if (files === undefined) throw new Error('cert-manager cannot be built')
      running = await startCertManager(place().cluster, files)
      tenant = await newTenant(place())
      await tenant.apply(issuers)
      signer = await authority('test authority')
    })
    after(async () => {
      await tenant?.[Symbol.asyncDispose]()
      await running?.[Symbol.asyncDispose]()
      await removeDefinitions(place())
    })

    for (const source of Object.keys(sources) as SourceName[])
      for (const name of Object.keys(shapes) as ShapeName[])
        test(`with ${name}, from ${source}`, {
          skip: excluded[source][name] ?? false,
        }, async () => {
          const shape: Shape = shapes[name]
          const earlier = await mounted(tenant)
          if (source === 'a Secret of the user') await tenant.apply(await userSecret(signer, shape))
          await tenant.apply(vault(sources[source], shape.dnsNames, host))
          const certificate = await servedAnew(tenant, earlier)
          const { dnsNames, addresses = [], key } = shape
          assert.deepEqual(certificate.dnsNames.toSorted(), [host, ...dnsNames].toSorted())
          assert.deepEqual(certificate.ipAddresses, addresses)
          assert.equal(certificate.publicKey.asymmetricKeyType, key)
          assert.ok(certificate.allowsServerAuth && !certificate.allowsClientAuth)
          uid ??= await serverUid(tenant)
          assert.equal(await serverUid(tenant), uid, 'no pod is restarted for it')
        })

    test('that shall name an address is refused by the API server, where it would be asked for or signed', async () => {
      await assert.rejects(
        tenant.apply(vault(sources['the cluster itself'], ['192.0.2.1'], host)),
        /an address is no DNS name/,
      )
    })
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

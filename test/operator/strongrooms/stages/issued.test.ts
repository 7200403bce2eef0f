import assert from 'node:assert/strict'
import { test } from 'node:test'
import { names } from '#operator/api/names.ts'
import type { Secret } from '#operator/kube/secret.ts'
import { tlsData } from '#operator/kube/tls-secret.ts'
import { notesFor } from '#operator/strongrooms/orders/held.ts'
import { plan } from '#operator/strongrooms/plan.ts'
import { issuedLeaf } from '#operator/strongrooms/stages/issued.ts'
import { type Issued, issueServerCertificate, makeKeyPair } from '#shared/pki/issue.ts'
import { authority, days, year2026 } from '#test/support/certificates.ts'
import { declared, host } from '#test/support/order-world.ts'
import { secret, strongroom } from '#test/support/resources.ts'
import { kindsOf, knownKeys, strongroomWorld } from '#test/support/strongroom-world.ts'

const world = await strongroomWorld()
const ordering = strongroom({ spec: declared, status: { masterKeys: knownKeys } })
const issued = await certificateFor([host])

async function certificateFor(dnsNames: readonly string[]): Promise<Issued> {
  const keys = await makeKeyPair('p-256')
  const subject = { commonName: 'v', dnsNames, ipAddresses: [], validity: days(90), keys }
  return issueServerCertificate(await authority('public'), subject)
}

/** In the Secret where orders keep what they brought. */
function kept({ certificate, privateKey }: Issued, issuer = 'StrongroomIssuer le'): Secret {
  const bare = secret(names.issuedTls('vault'), {})
  const held = { certificate, issuer, revision: 1, renewed: undefined, revoked: false }
  const metadata = { ...bare.metadata, annotations: notesFor(held) }
  return { ...bare, metadata, data: tlsData({ certificate, privateKey }) }
}

const seen = (...secrets: readonly Secret[]) =>
  new Map([...world.secrets, ...secrets.map((each) => [each.metadata.name, each] as const)])

test('issuedLeaf() takes over what the declared issuer gave, and once', () => {
  const object = kept(issued)
  const leaf = issuedLeaf(world.seen({ cluster: ordering, secrets: seen(object) }))
  const from = 'vault-issued-tls'
  assert.deepEqual(leaf.steps, [{ kind: 'take-over', from, data: object.data }])
  assert.equal(leaf.againAtMs, issued.certificate.notAfter)
  const mounted = { ...object, metadata: secret('vault-server-tls', {}).metadata }
  const after = issuedLeaf(world.seen({ cluster: ordering, secrets: seen(object, mounted) }))
  assert.deepEqual(after.steps, [])
})

test('issuedLeaf() leaves what is served where nothing was issued yet, or by another issuer, or for other names, or it is over', async () => {
  const other = kept(issued, 'StrongroomIssuer other')
  const elsewhere = kept(await certificateFor(['other.example']))
  const edited = { ...kept(issued), data: tlsData(await certificateFor([host])) }
  for (const secrets of [seen(), seen(other), seen(elsewhere), seen(edited)])
    assert.deepEqual(issuedLeaf(world.seen({ cluster: ordering, secrets })), { steps: [] })
  const late = { cluster: ordering, secrets: seen(kept(issued)), nowMs: year2026 + 91 * 86_400_000 }
  assert.deepEqual(issuedLeaf(world.seen(late)), { steps: [] })
})

test('plan() finds the issued certificate again after another source was declared for a while', () => {
  const object = kept(issued)
  const own = strongroom({
    spec: { exposure: { host }, tls: { server: { selfSigned: {} } } },
    status: { masterKeys: knownKeys },
  })
  const mounted = { ...object, metadata: secret('vault-server-tls', {}).metadata }
  const away = plan(world.seen({ cluster: own, secrets: seen(object, mounted) }))
  assert.ok(kindsOf(away).includes('issue'), 'the own authority signs instead')
  assert.ok(!kindsOf(away).includes('delete-children'), 'and nothing is deleted')
  const back = plan(world.seen({ cluster: ordering, secrets: seen(object) }))
  assert.ok(kindsOf(back).includes('take-over'))
})

/** Issuers on a real API server with the operator's own rights: what it takes, and an account at a real CA beside the cluster. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { dump } from 'js-yaml'
import type { StrongroomIssuer } from '#operator/api/issuer.ts'
import { type AcmeLab, acmeLab } from '#test/support/acme-lab/acme-lab.ts'
import { until } from '../run.ts'
import { newTenant, type Place, root, type Tenant } from '../suite.ts'

const eab = Buffer.alloc(32, 7).toString('base64url')
const wrong = Buffer.alloc(32, 8).toString('base64url')

export function issuersSuite(place: () => Place): void {
  test('issuers: the API server takes the examples and refuses what is not exactly one', async () => {
    await using tenant = await newTenant(place())
    const files = readdirSync(join(root, 'examples')).filter((name) => name.startsWith('issuer-'))
    for (const file of files)
      await tenant.kubectl('apply', '--dry-run=server', '-f', join(root, 'examples', file))
    const server = 'https://ca.example/directory'
    const refused: readonly [object, RegExp][] = [
      [{}, /an issuer is exactly one of acme and ca/],
      [{ acme: { server, solvers: [{}] } }, /each solver is exactly one of/],
      [
        { acme: { server, solvers: [{ http01: {}, tlsAlpn01: {} }] } },
        /each solver is exactly one/,
      ],
      [{ acme: { server, solvers: [{ dns01: {} }] } }, /dns01 names exactly one of/],
      [{ acme: { server: 'http://ca.example', solvers: [{ tlsAlpn01: {} }] } }, /spec.acme.server/],
    ]
    for (const [spec, expected] of refused)
      await assert.rejects(tenant.apply(manifest({ spec })), expected)
  })

  test('issuers: an account at a CA is bound, changed, given another key, and outlives the CA being away', async () => {
    const { cluster } = place()
    await using lab = await acmeLab({ place: cluster, eab: { 'kid-1': eab } })
    await using tenant = await newTenant(place())
    const email = 'ops@shop.example'
    await tenant.apply(issuerAt(lab, { email }))
    await tenant.reason('strongroomissuer/lab', 'Ready', 'ExternalAccountRequired')
    await tenant.apply(secretOf(wrong))
    const keySecretRef = { name: 'eab', key: 'key' }
    const externalAccountBinding = { keyId: 'kid-1', keySecretRef }
    await tenant.apply(issuerAt(lab, { email, externalAccountBinding }))
    await tenant.reason('strongroomissuer/lab', 'Ready', 'ExternalAccountRefused')
    await tenant.apply(secretOf(eab))
    await tenant.ready('strongroomissuer/lab')
    const first = await accountOf(tenant)
    const other = 'new@shop.example'
    await tenant.apply(issuerAt(lab, { email: other, externalAccountBinding }))
    await until(
      'the new contact',
      async () => (await accountOf(tenant))?.email === other || undefined,
    )
    const wish = 'strongroom.dev/roll-over-account-key=today'
    await tenant.kubectl('annotate', 'strongroomissuer', 'lab', wish)
    const rolled = async () => (await accountOf(tenant))?.rolledOver === 'today' || undefined
    await until('the other key', rolled, { withinMs: 60_000, everyMs: 200 })
    const second = await accountOf(tenant)
    assert.equal(second?.url, first?.url)
    assert.notEqual(second?.keyThumbprint, first?.keyThumbprint)
    await lab.stop()
    await tenant.kubectl('annotate', 'strongroomissuer', 'lab', 'look=again')
    await tenant.apply(issuerAt(lab, { email, externalAccountBinding }))
    await tenant.reason('strongroomissuer/lab', 'Ready', 'DirectoryUnreachable')
    await lab.start()
    await tenant.ready('strongroomissuer/lab')
    const told = await Promise.all([
      tenant.kubectl('get', 'strongroomissuers,events', '-o', 'yaml'),
      tenant.kubectl('logs', 'deployment/strongroom', '--tail=-1'),
    ])
    for (const text of told)
      for (const word of [eab, wrong, 'PRIVATE KEY']) assert.ok(!text.includes(word), word)
  })
}

function manifest(more: object): string {
  return dump({
    apiVersion: 'strongroom.dev/v1alpha1',
    kind: 'StrongroomIssuer',
    metadata: { name: 'lab' },
    ...more,
  })
}

function issuerAt({ directoryUrl, trust }: AcmeLab, acme: object): string {
  const solvers = [{ tlsAlpn01: {} }]
  return manifest({ spec: { acme: { server: directoryUrl, caBundle: trust, solvers, ...acme } } })
}

function secretOf(key: string): string {
  return dump({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'eab' }, stringData: { key } })
}

async function accountOf(tenant: Tenant) {
  return (await tenant.get<StrongroomIssuer>('strongroomissuer', 'lab'))?.status?.account
}

/** Public certificates of Strongrooms from a CA beside the cluster: how names are proven, renewed under load, and what may end meanwhile. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { names } from '#operator/api/names.ts'
import type { Secret } from '#operator/kube/secret.ts'
import { type AcmeLab, acmeLab } from '#test/support/acme-lab/acme-lab.ts'
import { issuerManifest, servedFrom, statusOf, strongroomManifest } from '../ordering.ts'
import { until } from '../run.ts'
import { newTenant, type Place } from '../suite.ts'
import { caAway } from './ca-away.ts'
import { allSideBySide } from './side-by-side.ts'
import { toldNoSecret } from './told-no-secret.ts'

export function acmeSuite(place: () => Place): void {
  test('three kinds of challenges, a wildcard, a bound account and two profiles, side by side: ready within 30 s, and renewed under load without a failed request', (t) =>
    allSideBySide(t, place(), { lifeSeconds: 60 }))

  test('an operator that is killed within an order ends that order, with that key', async () => {
    const { cluster } = place()
    await using tenant = await newTenant(place())
    await using lab = await acmeLab({ place: cluster, alwaysValid: true })
    const away = lab.fail({ action: 'finalize', with: { status: 503 } })
    await tenant.apply(vault(lab))
    await until('the order to be about to end', () => away.count() > 0 || undefined)
    const url = (await statusOf(tenant, 'vault'))?.order?.orderUrl
    const staged = await tenant.get<Secret>('secret', names.nextServerKey('vault'))
    assert.ok(url !== undefined && staged !== undefined)
    await tenant.kubectl(
      ...['delete', 'pod', '-l', 'app.kubernetes.io/name=strongroom-operator'],
      ...['--grace-period=0', '--force'],
    )
    const before = away.count()
    await until('another operator to go on', () => away.count() > before || undefined, {
      withinMs: 90_000,
    })
    assert.equal((await statusOf(tenant, 'vault'))?.order?.orderUrl, url)
    away.end()
    await servedFrom(tenant, { name: 'vault', revision: 1, withinMs: 60_000 })
    const given = await tenant.get<Secret>('secret', names.serverTls('vault'))
    assert.equal(given?.data?.['tls.key'], staged.data?.['tls.key'])
    assert.equal(lab.counts().newOrder, 1)
    assert.equal(await tenant.get('secret', names.nextServerKey('vault')), undefined)
  })

  // Both wait most of their time.
  describe('at a CA that is in trouble, or is asked by a solver that is', {
    concurrency: 2,
  }, () => {
    test('a certificate is served until its end, people are told in time, and it is renewed when the CA is back', (t) =>
      caAway(t, place()))

    test('nothing that is told of a failing DNS provider shows its token, password or key', (t) =>
      toldNoSecret(t, place()))
  })
}

const host = 'vault.lab.test'

/** A Strongroom whose names the CA believes. */
function vault(lab: AcmeLab): string {
  const issuer = issuerManifest(lab, { name: 'vault', solver: { tlsAlpn01: {} } })
  return [issuer, strongroomManifest('vault', { host })].join('\n---\n')
}

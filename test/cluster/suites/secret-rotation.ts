/** A user's Secret that changes again and again while programs ask: what is in it is served soon, and nobody notices. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { publicAuthority } from '#test/support/public-authority.ts'
import { dialed, startLoad } from '../load.ts'
import { askedOf } from '../ordering.ts'
import { until } from '../run.ts'
import { vault } from '../served-certificate.ts'
import { newTenant, type Place } from '../suite.ts'

const host = 'vault.example.com'
const rotations = 20
const servedMs = 10_000

export function secretRotationSuite(place: () => Place): void {
  test(`a user's Secret that changes ${rotations} times under load is served within 10 s each time, and no request fails`, async (t) => {
    await using tenant = await newTenant(place())
    const { ca, issue } = await publicAuthority('public', host)
    const first = await issue()
    await tenant.apply(first.yaml)
    await tenant.apply(vault({ secretRef: { name: 'public' } }))
    await tenant.ready('strongroom/vault')
    const asked = await askedOf(tenant, { name: 'vault', host, ca })
    const serves = (sha256: string) =>
      until('the Secret to be served', async () => (await dialed(asked)) === sha256 || undefined, {
        withinMs: servedMs,
        everyMs: 50,
      })
    await serves(first.sha256)
    const uid = await tenant.kubectl('get', 'pod', 'vault-0', '-o', 'jsonpath={.metadata.uid}')
    const load = startLoad(asked, 50)
    const took: number[] = []
    try {
      for (let count = 0; count < rotations; count += 1) {
        const { yaml, sha256 } = await issue()
        await tenant.apply(yaml)
        const begin = performance.now()
        await serves(sha256)
        took.push(Math.round(performance.now() - begin))
      }
    } finally {
      await load.stop()
    }
    t.diagnostic(`served after ${took.toSorted((a, b) => a - b)} ms; answered ${load.answered()}`)
    assert.deepEqual(load.failures(), [])
    assert.ok(load.answered() > 1_000, `there was load: ${load.answered()}`)
    assert.equal(
      await tenant.kubectl('get', 'pod', 'vault-0', '-o', 'jsonpath={.metadata.uid}'),
      uid,
    )
  })
}

/** Public certificates of Strongrooms from a CA beside the cluster: how names are proven, renewed under load, and what may end meanwhile. */
import { describe, test } from 'node:test'
import type { Place } from '../suite.ts'
import { caAway } from './ca-away.ts'
import { allSideBySide } from './side-by-side.ts'
import { toldNoSecret } from './told-no-secret.ts'

export function acmeSuite(place: () => Place): void {
  test('three kinds of challenges, a wildcard, a bound account and two profiles, side by side: ready within a minute, and renewed under load without a failed request', (t) =>
    allSideBySide(t, place(), { lifeSeconds: 60, readyMs: 60_000 }))

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

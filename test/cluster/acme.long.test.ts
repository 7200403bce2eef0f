/** Certificates that live five minutes, from a real CA beside a cluster: the same run as in acme.test.ts, at the pace that issuers allow. */
import { test } from 'node:test'
import { describeBesideCa } from './beside-ca.ts'
import { allSideBySide } from './suites/side-by-side.ts'

await describeBesideCa('on a cluster beside a CA, for a quarter of an hour', (place) => {
  test('all ways to a certificate, side by side, with lives of five minutes: renewed under load without a failed request', (t) =>
    allSideBySide(t, place(), { lifeSeconds: 300 }))
})

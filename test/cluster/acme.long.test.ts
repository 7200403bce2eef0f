/** Certificates that live five minutes, from a real CA beside a cluster: the same run as in acme.test.ts, at the pace that issuers allow. */
import { after, before, describe, test } from 'node:test'
import { availableCluster } from './available.ts'
import { bringUpPlace, type Place } from './suite.ts'
import { allSideBySide } from './suites/side-by-side.ts'

const available = await availableCluster()
const skip =
  available.kind === 'kind'
    ? 'kind has no way to a CA on this machine: this runs on the built cluster'
    : false

describe('on a cluster beside a CA, for a quarter of an hour', { skip }, () => {
  let own: Place
  before(async () => {
    own = await bringUpPlace({ nodes: 1 })
  })
  after(() => own?.[Symbol.asyncDispose]())

  test('all ways to a certificate, side by side, with lives of five minutes: renewed under load without a failed request', (t) =>
    allSideBySide(t, own, { lifeSeconds: 300 }))
})

/** The guide to certificates of a CA, on a cluster of its own: it begins with nothing on it, as its readers do. Only a built cluster has a way to a CA. */
import { after, before, describe } from 'node:test'
import { availableCluster } from './available.ts'
import { bringUpPlace, type Place } from './suite.ts'
import { letsEncryptSuite } from './suites/lets-encrypt.ts'

const available = await availableCluster()
const skip =
  available.kind === 'kind'
    ? 'kind has no way to a CA on this machine: this guide is run on the built cluster'
    : false

describe('on a cluster with nothing on it, beside a CA', { skip }, () => {
  let own: Place
  before(async () => {
    own = await bringUpPlace({ nodes: 1 })
  })
  after(() => own?.[Symbol.asyncDispose]())
  letsEncryptSuite(() => own)
})

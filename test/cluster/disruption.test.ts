/** Faults, one by one, on a cluster of their own. Only a built cluster can have them. */
import { after, before, describe } from 'node:test'
import { availableCluster } from './available.ts'
import { bringUpPlace, type Place } from './suite.ts'
import { disruptionSuite } from './suites/disruption.ts'

const available = await availableCluster()
const skip =
  available.kind === 'kind' ? 'kind can have no power cut: these run on the built cluster' : false

describe('on a cluster that is broken on purpose', { skip }, () => {
  let own: Place
  before(async () => {
    own = await bringUpPlace({ nodes: 1 })
  })
  after(() => own?.[Symbol.asyncDispose]())
  disruptionSuite(() => own)
})

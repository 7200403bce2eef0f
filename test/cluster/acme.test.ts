/** Certificates from a real CA, on a cluster of their own with the ACME lab beside it. Only a built cluster has a way to it. */
import { after, before, describe } from 'node:test'
import { availableCluster } from './available.ts'
import { bringUpPlace, type Place } from './suite.ts'
import { acmeSuite } from './suites/acme.ts'
import { acmeLabSuite } from './suites/acme-lab.ts'
import { issuersSuite } from './suites/issuers.ts'
import { killedOperatorSuite } from './suites/killed-operator.ts'
import { looksSuite } from './suites/looks.ts'
import { operatorReplicasSuite } from './suites/operator-replicas.ts'
import { secretRotationSuite } from './suites/secret-rotation.ts'
import { sourcesSuite } from './suites/sources.ts'
import { troublesSuite } from './suites/troubles.ts'

const available = await availableCluster()
const skip =
  available.kind === 'kind'
    ? 'kind has no way to a CA on this machine: these run on the built cluster'
    : false

describe('on a cluster beside a CA', { skip }, () => {
  let own: Place
  before(async () => {
    own = await bringUpPlace({ nodes: 1 })
  })
  after(() => own?.[Symbol.asyncDispose]())
  acmeLabSuite(() => own)
  issuersSuite(() => own)
  looksSuite(() => own)
  troublesSuite(() => own)
  acmeSuite(() => own)
  killedOperatorSuite(() => own)
  operatorReplicasSuite(() => own)
  secretRotationSuite(() => own)
  sourcesSuite(() => own)
})

/** Certificates from a real CA, on a cluster of their own with the ACME lab beside it. Only a built cluster has a way to it. */
import { describeBesideCa } from './beside-ca.ts'
import { acmeSuite } from './suites/acme.ts'
import { acmeLabSuite } from './suites/acme-lab.ts'
import { issuersSuite } from './suites/issuers.ts'
import { killedOperatorSuite } from './suites/killed-operator.ts'
import { looksSuite } from './suites/looks.ts'
import { operatorReplicasSuite } from './suites/operator-replicas.ts'
import { secretRotationSuite } from './suites/secret-rotation.ts'
import { sourcesSuite } from './suites/sources.ts'
import { troublesSuite } from './suites/troubles.ts'

await describeBesideCa('on a cluster beside a CA', (place) => {
  acmeLabSuite(place)
  issuersSuite(place)
  looksSuite(place)
  troublesSuite(place)
  acmeSuite(place)
  killedOperatorSuite(place)
  operatorReplicasSuite(place)
  secretRotationSuite(place)
  sourcesSuite(place)
})

/** Everything that a healthy Kubernetes shows, on one cluster that all suites share. Faults are in disruption.test.ts. */
import { after, before } from 'node:test'
import { bringUpPlace, type Place } from './suite.ts'
import { certManagerSuite } from './suites/cert-manager.ts'
import { certificateShapesSuite } from './suites/certificate-shapes.ts'
import { commandSuite } from './suites/command.ts'
import { helmSuite } from './suites/helm.ts'
import { kubePortSuite } from './suites/kube-port.ts'
import { lostSuite } from './suites/lost.ts'
import { quickstartSuite } from './suites/quickstart.ts'
import { steadySuite } from './suites/steady.ts'

let shared: Place
before(async () => {
  shared = await bringUpPlace({ nodes: 1 })
})
after(() => shared?.[Symbol.asyncDispose]())

const place = (): Place => shared

kubePortSuite(place)
quickstartSuite(place)
commandSuite(place)
steadySuite(place, { quietSeconds: 60 })
lostSuite(place)
certManagerSuite(place)
certificateShapesSuite(place)
helmSuite(place)

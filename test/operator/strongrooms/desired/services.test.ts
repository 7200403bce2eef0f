import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterService, headlessService } from '#operator/strongrooms/desired/services.ts'
import { strongroom } from '#test/support/resources.ts'

const ports = [{ name: 'https', port: 8443, targetPort: 'https', protocol: 'TCP' }]
const selector = (cluster: string) => ({
  'strongroom.dev/cluster': cluster,
  'app.kubernetes.io/component': 'server',
})
const specOf = (object: object) => (object as { readonly spec: unknown }).spec

test('clusterService() leads programs to ready servers', () => {
  const service = clusterService(strongroom())
  assert.equal(service.metadata.name, 'vault')
  assert.deepEqual(specOf(service), { type: 'ClusterIP', selector: selector('vault'), ports })
})

test('headlessService() gives each member a name, ready or not', () => {
  const service = headlessService(strongroom())
  assert.equal(service.metadata.name, 'vault-members')
  assert.deepEqual(specOf(service), {
    clusterIP: 'None',
    publishNotReadyAddresses: true,
    selector: selector('vault'),
    ports,
  })
})

test('two Strongrooms in one namespace select each their own pods', () => {
  const other = strongroom({ metadata: { name: 'other' } })
  for (const make of [clusterService, headlessService]) {
    assert.notEqual(make(other).metadata.name, make(strongroom()).metadata.name)
    const { selector: found } = specOf(make(other)) as { readonly selector: unknown }
    assert.deepEqual(found, selector('other'))
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { http01Name, http01Objects } from '#operator/challenges/http01-objects.ts'
import { declared, host } from '#test/support/order-world.ts'
import { strongroom } from '#test/support/resources.ts'

const cluster = strongroom({ spec: declared })
const challengePort = 8099
const addresses = ['198.18.1.2', '198.18.1.3', 'fd00::1']

function specOf(settings: Parameters<typeof http01Objects>[1]['settings'], kind: string) {
  const found = http01Objects(cluster, { settings, name: host, addresses, challengePort })
  return found.find((child) => child.kind.kind === kind)?.object as { readonly spec?: unknown }
}

test('http01Objects() makes a Service without selector and the slice behind it', () => {
  const made = http01Objects(cluster, { settings: {}, name: host, addresses, challengePort })
  assert.deepEqual(
    made.map(({ kind }) => kind.kind),
    ['Service', 'EndpointSlice'],
  )
  const [service, slice] = made.map(({ object }) => object as unknown as Record<string, unknown>)
  assert.deepEqual(service?.spec, {
    type: 'ClusterIP',
    ports: [{ name: 'http', port: 80, targetPort: challengePort, protocol: 'TCP' }],
  })
  assert.equal(slice?.addressType, 'IPv4')
  assert.deepEqual(slice?.ports, [{ name: 'http', port: challengePort, protocol: 'TCP' }])
  assert.deepEqual(
    slice?.endpoints,
    addresses.slice(0, 2).map((each) => ({ addresses: [each], conditions: { ready: true } })),
  )
  for (const { object } of made) {
    assert.equal(object.metadata.name, http01Name(cluster, host))
    assert.equal(object.metadata.ownerReferences?.[0]?.name, 'vault')
  }
  const labels = made[1]?.object.metadata.labels ?? {}
  assert.equal(labels['kubernetes.io/service-name'], http01Name(cluster, host))
})

test('http01Objects() adds an Ingress of the class, for the name and the path of challenges alone', () => {
  const annotations = { 'example.test/plain': 'true' }
  const ingress = specOf({ ingress: { className: 'nginx', annotations } }, 'Ingress')
  const text = JSON.stringify(ingress)
  for (const part of ['"nginx"', `"${host}"`, '/.well-known/acme-challenge/', 'example.test/plain'])
    assert.ok(text.includes(part), part)
})

test('http01Objects() adds an HTTPRoute to the gateways', () => {
  const parentRefs = [{ name: 'gate', namespace: 'edge' }]
  const { spec } = specOf({ gatewayHTTPRoute: { parentRefs } }, 'HTTPRoute')
  const { hostnames, parentRefs: to } = spec as Record<string, unknown>
  assert.deepEqual([hostnames, to], [[host], parentRefs])
})

test('http01Name() is short and another for each name', () => {
  const long = strongroom({ metadata: { name: 'v'.repeat(63) } })
  assert.ok(http01Name(long, host).length <= 63)
  assert.notEqual(http01Name(cluster, host), http01Name(cluster, `a.${host}`))
})

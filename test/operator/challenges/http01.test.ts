import assert from 'node:assert/strict'
import { test } from 'node:test'
import { http01Solver } from '#operator/challenges/http01.ts'
import { endpointSlices, httpRoutes, services } from '#operator/kube/kinds.ts'
import { hasCode } from '#shared/errors.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { declared, host } from '#test/support/order-world.ts'
import { strongroom } from '#test/support/resources.ts'

const { signal } = new AbortController()
const challenge = { type: 'http-01', name: host, token: 't', keyAuthorization: 't.x' } as const

function scene(settings: Parameters<typeof http01Solver>[0]['settings'] = {}) {
  const kube = new FakeKube()
  const replicas = ['198.18.1.2']
  const said: { hidden: string | undefined } = { hidden: undefined }
  const cluster = strongroom({ spec: declared })
  const look = async () => said.hidden
  const addresses = async () => replicas
  return {
    kube,
    replicas,
    said,
    solver: http01Solver({
      ...{ kube, cluster, settings, addresses, port: 8099, look },
      ingressPolicy: {
        classes: ['nginx*', 'small'],
        annotations: ['a/ok'],
        hosts: ['*.example.com'],
      },
    }),
  }
}

async function endpoints(kube: FakeKube): Promise<string> {
  const { items } = await kube.list(endpointSlices, { namespace: 'shop' })
  return JSON.stringify(items.map((each) => (each as { endpoints?: unknown }).endpoints))
}

test('http01Solver() leads the name to the replicas, and takes all of it away again', async () => {
  const { kube, solver } = scene()
  await solver.present(challenge, signal)
  await solver.present(challenge, signal)
  assert.match(await endpoints(kube), /198\.18\.1\.2/)
  const { items } = await kube.list(services, { namespace: 'shop' })
  assert.equal(items.length, 1)
  assert.match(JSON.stringify(items), /"targetPort":8099/, 'where the operator listens')
  await solver.cleanUp(challenge, signal)
  assert.equal((await kube.list(services, { namespace: 'shop' })).items.length, 0)
  assert.equal((await kube.list(endpointSlices, { namespace: 'shop' })).items.length, 0)
  await solver.cleanUp(challenge, signal)
})

test('http01Solver() leads the CA to no replica that is gone, whether it looks for the answer or not', async () => {
  for (const check of ['Fetch', 'None'] as const) {
    const { kube, solver, replicas } = scene({ check })
    await solver.present(challenge, signal)
    replicas.splice(0, 1, '198.18.1.9')
    assert.equal(await solver.check(challenge, signal), undefined)
    const named = await endpoints(kube)
    assert.ok(named.includes('198.18.1.9') && !named.includes('198.18.1.2'), named)
  }
})

test('http01Solver() says what it sees, and writes nothing where all is as it should be', async () => {
  const { kube, solver, said } = scene()
  await solver.present(challenge, signal)
  kube.apply = () => Promise.reject(new Error('nothing is to be written'))
  said.hidden = 'it answers 502'
  assert.equal(await solver.check(challenge, signal), 'it answers 502')
})

test('http01Solver() does not look where that is switched off, and says when nobody could answer', async () => {
  const { solver, replicas, said } = scene({ check: 'None' })
  said.hidden = 'never asked'
  assert.equal(await solver.check(challenge, signal), undefined)
  replicas.pop()
  await assert.rejects(solver.present(challenge, signal), /no replica of the operator/)
})

test('http01Solver() says that the Gateway API is not installed, leaves nothing behind, and needs nothing but that', async () => {
  const { kube, solver } = scene({ gatewayHTTPRoute: { parentRefs: [{ name: 'gate' }] } })
  kube.undefine(httpRoutes)
  const missing = (error: unknown): boolean => hasCode(error, 'GatewayApiMissing')
  await assert.rejects(solver.present(challenge, signal), missing)
  assert.equal((await kube.list(services, { namespace: 'shop' })).items.length, 0)
  kube.define(httpRoutes)
  await solver.present(challenge, signal)
  const { items } = await kube.list(httpRoutes, { namespace: 'shop' })
  assert.equal(items.length, 1)
})

test('http01Solver() is called by the way that it takes', () => {
  assert.equal(scene().solver.label, 'http-01')
  assert.match(
    scene({ ingress: { className: 'nginx' } }).solver.label ?? '',
    /^Ingress class nginx$/,
  )
  const parentRefs = [{ name: 'gate' }]
  assert.match(scene({ gatewayHTTPRoute: { parentRefs } }).solver.label ?? '', /^Gateway gate$/)
})

test('http01Solver() makes no Ingress of another class, for another host or with other annotations than are allowed', async () => {
  for (const [name, ingress] of [
    ['db.example.com', { className: 'internal' }],
    ['db.bank.example', { className: 'nginx' }],
    ['db.example.com', { className: 'nginx', annotations: { 'a/snippet': 'x' } }],
  ] as const) {
    const { kube, solver } = scene({ ingress })
    await assert.rejects(
      solver.present({ ...challenge, name }, signal),
      /^Strongroom|Cannot lead .*not allowed: the administrator allows it/,
    )
    assert.deepEqual(kube.writes, [])
  }
})

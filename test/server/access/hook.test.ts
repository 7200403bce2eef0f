import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import fastify, { type FastifyInstance } from 'fastify'
import { type Action, anyone, operator, readDatabase, registered } from '#server/access/actions.ts'
import { accessHook, unsecuredHook } from '#server/access/hook.ts'
import { presentations } from '#server/access/identity.ts'
import type { Registry } from '#server/access/registry.ts'
import type { AuditEvent } from '#server/audit/event.ts'
import { CodedError } from '#shared/errors.ts'
import { type Issued, makeKeyPair } from '#shared/pki/issue.ts'
import { authority, client, days, year2026 } from '#test/support/certificates.ts'
import { registration, registry } from '#test/support/registrations.ts'

let ca: Issued
let shop: Issued

before(async () => {
  ca = await authority()
  shop = await client(ca)
})

interface Setting {
  readonly caller?: Issued | undefined
  readonly known?: Registry
  readonly recordRenewal?: () => Promise<void>
}

/** A server whose every request comes from that caller, over the same connection. */
function serverFor({ caller, known = registry(), recordRenewal = async () => undefined }: Setting) {
  const events: AuditEvent[] = []
  const bodies: string[] = []
  const clock = { now: () => year2026 }
  const admit = accessHook({
    registry: known,
    presentedBy: presentations(),
    recordRenewal,
    identified: () => undefined,
    clock,
    audit: (event) => events.push(event),
  })
  const peer = caller === undefined ? undefined : { raw: caller.certificate.der }
  const socket = { remoteAddress: '127.0.0.1', getPeerX509Certificate: () => peer }
  const app = fastify({ routerOptions: { querystringParser: valuesOf as never } })
  app.addHook('onRequest', async (request) => {
    Object.defineProperty(request.raw, 'socket', { value: socket })
    await admit(request)
  })
  app.setErrorHandler((error, _request, reply) =>
    error instanceof CodedError
      ? reply.code(error.status).send({ code: error.code })
      : reply.code(500).send({ code: String(error) }),
  )
  addRoute(app, '/whoami', anyone)
  addRoute(app, '/about', registered)
  addRoute(app, '/admin', operator)
  addRoute(app, '/databases/:database/docs', readDatabase)
  addRoute(app, '/topology', { level: 'Read', database: 'query' })
  app.post('/body', { config: { action: operator } }, async (request) => {
    bodies.push(String(request.body))
    return 'done'
  })
  const ask = async (url: string, method: 'GET' | 'POST' = 'GET') => {
    const answer = await app.inject({
      method,
      url,
      ...(method === 'POST' ? { payload: { a: 1 } } : {}),
    })
    return answer.statusCode === 200 ? 'in' : (answer.json() as { code?: string }).code
  }
  return { ask, events, bodies, app, known }
}

function addRoute(app: FastifyInstance, url: string, action: Action): void {
  app.get(url, { config: { action } }, async () => 'done')
}

function valuesOf(text: string): ReadonlyMap<string, readonly string[]> {
  const values = new URLSearchParams(text)
  return new Map([...values.keys()].map((name) => [name.toLowerCase(), values.getAll(name)]))
}

test('accessHook() refuses a caller without a certificate everywhere but where he is told who he is', async () => {
  const { ask } = serverFor({})
  assert.equal(await ask('/whoami'), 'in')
  for (const url of ['/about', '/admin', '/databases/a/docs'])
    assert.equal(await ask(url), 'CertificateMissing')
})

test('accessHook() refuses strangers alike on routes that exist and that do not', async () => {
  const { ask } = serverFor({ caller: shop })
  for (const url of [
    '/about',
    '/no/such/route',
    '/databases/nosuch/docs',
    '/databases/nosuch/nothing',
  ]) {
    assert.equal(await ask(url), 'CertificateUnknown')
  }
})

test('accessHook() looks rights up anew for each request of a connection', async () => {
  const known = registry({
    registrations: [registration(shop.certificate, { permissions: { orders: 'Read' } })],
  })
  const { ask } = serverFor({ caller: shop, known })
  assert.equal(await ask('/databases/ORDERS/docs'), 'in')
  known.replace({ registrations: [registration(shop.certificate)], deletedPins: new Set() })
  assert.equal(await ask('/databases/orders/docs'), 'DatabaseForbidden')
  known.replace({
    registrations: [registration(shop.certificate, { clearance: 'Operator' })],
    deletedPins: new Set(),
  })
  assert.equal(await ask('/databases/orders/docs'), 'in')
  known.replace({ registrations: [], deletedPins: new Set([shop.certificate.pin]) })
  assert.equal(await ask('/databases/orders/docs'), 'RenewalRefused')
})

test('accessHook() reads the database from the path, escapes and all', async () => {
  const known = registry({
    registrations: [registration(shop.certificate, { permissions: { 'ä.b': 'Read' } })],
  })
  const { ask } = serverFor({ caller: shop, known })
  assert.equal(await ask('/databases/%C3%A4.b/docs'), 'in')
  assert.equal(await ask('/databases/%C3%A4%2Fb/docs'), 'DatabaseForbidden')
})

test('accessHook() asks for every database that a query names', async () => {
  const known = registry({
    registrations: [registration(shop.certificate, { permissions: { orders: 'Read' } })],
  })
  const { ask } = serverFor({ caller: shop, known })
  assert.equal(await ask('/topology?name=orders'), 'in')
  assert.equal(await ask('/topology?NAME=orders'), 'in')
  assert.equal(await ask('/topology?name=orders&name=other'), 'DatabaseForbidden')
  assert.equal(await ask('/topology?name=other&name=orders'), 'DatabaseForbidden')
  assert.equal(await ask('/topology'), 'DatabaseNotNamed')
})

test('accessHook() refuses before a body is read', async () => {
  const { ask, bodies } = serverFor({ caller: shop })
  assert.equal(await ask('/body', 'POST'), 'CertificateUnknown')
  assert.deepEqual(bodies, [])
})

test('accessHook() writes an audit line for each refusal, without the query string', async () => {
  const { ask, events } = serverFor({ caller: shop })
  await ask('/databases/orders/docs?id=secret')
  assert.equal(events.length, 1)
  const [event] = events
  assert.equal(event?.act, 'access refused')
  assert.equal(event?.actor?.thumbprint, shop.certificate.thumbprint)
  assert.deepEqual(event?.facts, {
    code: 'CertificateUnknown',
    status: 403,
    method: 'GET',
    path: '/databases/orders/docs',
  })
})

test('accessHook() has a renewal recorded before it lets the caller in', async () => {
  const keys = await makeKeyPair('p-256')
  const old = (await client(ca, { keys })).certificate
  const successor = await client(ca, { keys, validity: days(500) })
  const known = registry({ registrations: [registration(old, { issuer: ca.certificate.der })] })
  const recorded = registration(successor.certificate, {
    root: old.thumbprint,
    renewedFrom: old.thumbprint,
  })
  const recordRenewal = async (): Promise<void> => {
    known.replace({ registrations: [registration(old), recorded], deletedPins: new Set() })
  }
  const { ask } = serverFor({ caller: successor, known, recordRenewal })
  assert.equal(await ask('/about'), 'in')
})

test('accessHook() lets no renewal in that could not be recorded', async () => {
  const keys = await makeKeyPair('p-256')
  const old = (await client(ca, { keys })).certificate
  const successor = await client(ca, { keys, validity: days(500) })
  const known = registry({ registrations: [registration(old, { issuer: ca.certificate.der })] })
  const failing = serverFor({
    caller: successor,
    known,
    recordRenewal: () => Promise.reject(new Error('disk full')),
  })
  assert.match(String(await failing.ask('/about')), /disk full/)
  const silent = serverFor({ caller: successor, known })
  assert.equal(await silent.ask('/about'), 'RenewalRefused')
})

test('unsecuredHook() gives every request the identity of a server that asks nobody', () => {
  const request = {} as Parameters<ReturnType<typeof unsecuredHook>>[0]
  unsecuredHook()(request)
  assert.deepEqual(request.identity, { kind: 'unsecured' })
})

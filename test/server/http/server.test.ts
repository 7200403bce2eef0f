import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { FastifyRequest } from 'fastify'
import { open, readDatabase } from '#server/access/actions.ts'
import { errors } from '#server/errors.ts'
import { originRules } from '#server/http/origin.ts'
import { queryValues } from '#server/http/query-values.ts'
import type { Routes } from '#server/http/route.ts'
import { type HttpParts, httpServer } from '#server/http/server.ts'

const routes: Routes = [
  {
    method: 'GET',
    path: '/databases/:database/docs',
    action: readDatabase,
    handle: (request) => ({
      database: (request.params as { database: string }).database,
      query: Object.fromEntries(queryValues(request)),
    }),
  },
  {
    method: 'PUT',
    path: '/echo',
    action: open,
    bodyBytesMax: 64,
    handle: (request) => request.body,
  },
  { method: 'DELETE', path: '/echo', action: open, handle: (request) => request.body },
  { method: 'RESET', path: '/echo', action: open, handle: () => ({ verb: 'RESET' }) },
  {
    method: 'POST',
    path: '/empty',
    action: open,
    handle: (_request, reply) => void reply.code(204),
  },
  {
    method: 'GET',
    path: '/fails',
    action: open,
    handle: () => {
      throw new Error('secret of the inside')
    },
  },
]

async function serverFor(
  work: (server: ReturnType<typeof httpServer>, log: Log) => Promise<void>,
  parts: Partial<HttpParts> = {},
) {
  const log: Log = { admitted: [], failures: [], observed: [] }
  const server = httpServer({
    routes,
    listener: (handler) => http.createServer(handler),
    admit: (request) => void log.admitted.push(actionOf(request)),
    origins: originRules('http', undefined),
    headers: { 'strict-transport-security': 'max-age=1' },
    topologyEtag: 1,
    observe: (request, reply) => void log.observed.push(`${request.url} ${reply.statusCode}`),
    internalError: (error) => void log.failures.push(error),
    ...parts,
  })
  try {
    await work(server, log)
  } finally {
    await server.close()
  }
}

interface Log {
  readonly admitted: string[]
  readonly failures: unknown[]
  readonly observed: string[]
}

const actionOf = (request: FastifyRequest) => request.routeOptions.config.action?.level ?? 'none'

for (const [url, database, query] of [
  ['/databases/orders/docs?id=a', 'orders', { id: ['a'] }],
  ['/DATABASES/Orders/DOCS?ID=a', 'Orders', { id: ['a'] }],
  ['/databases/orders/docs?&id=a&id=b', 'orders', { id: ['a', 'b'] }],
  ['/databases/100%/docs?id=%', '100%', { id: ['%'] }],
  ['/databases/%ff/docs', '%ff', {}],
  ['/databases/a%2Fb/docs', 'a/b', {}],
  ['/databases/f%C3%BCr/docs', 'für', {}],
  ['/databases/M%C3%9C%C5%9ETER%C4%B0/docs?id=a', 'MÜŞTERİ', { id: ['a'] }],
  ['/databases/%C4%B0%C4%B0%C4%B0%C4%B0/Docs', 'İİİİ', {}],
  ['/databases/%CE%9F%CE%94%CE%9F%CE%A3/docs', 'ΟΔΟΣ', {}],
  [`/databases/${'d'.repeat(128)}/docs?`, 'd'.repeat(128), {}],
] as const) {
  test(`httpServer() routes ${url.slice(0, 60)}`, () =>
    serverFor(async (server) => {
      const answer = await server.inject(url)
      assert.equal(answer.statusCode, 200)
      assert.deepEqual(answer.json(), { database, query })
    }))
}

test('httpServer() sends its headers with every answer, errors too', () =>
  serverFor(async (server) => {
    for (const url of ['/databases/a/docs', '/nowhere', '/fails']) {
      const { headers } = await server.inject(url)
      assert.equal(headers['raven-server-version'], '7.2.7')
      assert.equal(headers['strict-transport-security'], 'max-age=1')
      assert.equal(headers['content-type'], 'application/json; charset=utf-8')
    }
  }))

for (const label of [
  undefined,
  'application/json',
  'text/plain;charset=UTF-8',
  'garbage',
  'a/b; c=',
  ';;',
  'application/x-www-form-urlencoded',
]) {
  test(`httpServer() takes a body labelled ${label} as bytes`, () =>
    serverFor(async (server) => {
      const answer = await server.inject({
        method: 'PUT',
        url: '/echo',
        payload: Buffer.from('{"a":1.10}'),
        headers: label === undefined ? {} : { 'content-type': label },
      })
      assert.equal(answer.statusCode, 200)
      assert.equal(answer.body, '{"a":1.10}')
    }))
}

test('httpServer() reads the body of a DELETE', () =>
  serverFor(async (server) => {
    const answer = await server.inject({ method: 'DELETE', url: '/echo', payload: 'names' })
    assert.equal(answer.body, 'names')
  }))

test('httpServer() refuses a body over the limit of its route, with its code', () =>
  serverFor(async (server) => {
    const answer = await server.inject({ method: 'PUT', url: '/echo', payload: 'x'.repeat(65) })
    assert.equal(answer.statusCode, 413)
    assert.equal(answer.headers['strongroom-error'], 'BodyTooLarge')
  }))

test('httpServer() asks before it reads the body, and answers the refusal', () =>
  serverFor(
    async (server) => {
      const answer = await server.inject({ method: 'PUT', url: '/echo', payload: 'x'.repeat(65) })
      assert.equal(answer.statusCode, 400)
      assert.equal(answer.headers['strongroom-error'], 'RequestMalformed')
    },
    {
      admit: () => {
        throw errors.RequestMalformed()
      },
    },
  ))

test('httpServer() asks for every route with its action, and for unknown ones without', () =>
  serverFor(async (server, log) => {
    await server.inject('/databases/a/docs')
    await server.inject('/nowhere')
    await server.inject({ method: 'HEAD', url: '/databases/a/docs' })
    assert.deepEqual(log.admitted, ['Read', 'none', 'none'])
  }))

test('httpServer() answers a wrong path and a wrong method alike', () =>
  serverFor(async (server) => {
    for (const [method, url] of [
      ['GET', '/nowhere?a=%'],
      ['PATCH', '/echo'],
      ['HEAD', '/databases/a/docs'],
      ['GET', '/databases/a/docs/'],
    ] as const) {
      const answer = await server.inject({ method, url })
      assert.equal(answer.statusCode, 400)
      if (method === 'HEAD') continue
      assert.equal(answer.json().Message, `There is no handler for path: ${method} ${url}`)
      assert.equal(answer.json().Type, 'Raven.Client.Exceptions.Routing.RouteNotFoundException')
    }
  }))

test('httpServer() sends no body where the route has no answer', () =>
  serverFor(async (server) => {
    const answer = await server.inject({ method: 'POST', url: '/empty' })
    assert.equal(answer.statusCode, 204)
    assert.equal(answer.body, '')
    assert.equal(answer.headers['content-type'], undefined)
  }))

test('httpServer() tells the log of a mistake of ours, and the caller nothing', () =>
  serverFor(async (server, log) => {
    const answer = await server.inject('/fails')
    assert.equal(answer.statusCode, 500)
    assert.doesNotMatch(answer.body, /secret/)
    assert.match(String(log.failures[0]), /secret of the inside/)
  }))

test('httpServer() refuses another site’s page with an empty 403, before asking who it is', () =>
  serverFor(async (server, log) => {
    const headers = { host: 'localhost', origin: 'https://evil.example.com' }
    const answer = await server.inject({ url: '/databases/a/docs', headers })
    assert.deepEqual([answer.statusCode, answer.body], [403, ''])
    assert.deepEqual(log.admitted, [])
  }))

test('httpServer() tells of each finished request', () =>
  serverFor(async (server, log) => {
    await server.inject('/databases/a/docs')
    assert.deepEqual(log.observed, ['/databases/a/docs 200'])
  }))

test('httpServer() answers an unknown route as soon as its headers are there, whatever is still to come', () =>
  serverFor(async (server) => {
    await server.listen({ host: '127.0.0.1', port: 0 })
    const { port } = server.server.address() as AddressInfo
    const request = http.request({ port, method: 'POST', path: '/databases/a/bulk_inserts' })
    request.write('[{"Id":"a"}')
    const [answer] = (await once(request, 'response')) as [http.IncomingMessage]
    assert.equal(answer.statusCode, 400)
    assert.equal(answer.headers['strongroom-error'], 'RouteNotFound')
    request.on('error', () => undefined).destroy()
  }))

/** The port over a real HTTPS server that a test makes; what it promises of a whole API server is in test/contract. */
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { before, describe, test } from 'node:test'
import type { ClusterAccess } from '#operator/kube/access.ts'
import { HttpsKube } from '#operator/kube/https-kube.ts'
import { configMaps, leases, namespaces } from '#operator/kube/kinds.ts'
import { KubeError, type KubeObject } from '#operator/kube/kube.ts'
import { Gone, type WatchEvent } from '#operator/runtime/reflector.ts'
import {
  type Answer,
  json,
  type Pair,
  type TestAuthority,
  type TlsServer,
  testAuthority,
  tlsServer,
} from '#test/support/https-server.ts'

let ca: TestAuthority
let pair: Pair
before(async () => {
  ca = await testAuthority()
  pair = await ca.server()
})

interface Scene extends AsyncDisposable {
  readonly kube: HttpsKube
  readonly server: TlsServer
  readonly calls: string[]
}

async function scene(
  answer: Answer,
  given: Partial<ClusterAccess> & { readonly path?: string; readonly timeoutMs?: number } = {},
): Promise<Scene> {
  const { path = '', timeoutMs, ...access } = given
  const server = await tlsServer(pair, answer)
  const calls: string[] = []
  const kube = new HttpsKube(
    {
      server: new URL(`https://127.0.0.1:${server.port}${path}`),
      ca: Buffer.from(ca.pem),
      ...access,
    },
    {
      count: (method, status) => calls.push(`${method} ${status}`),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    },
  )
  const dispose = async (): Promise<void> => {
    kube.close()
    await server[Symbol.asyncDispose]()
  }
  return { kube, server, calls, [Symbol.asyncDispose]: dispose }
}

const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'n' } }
const status = (code: number, reason: string, message: string) => ({
  kind: 'Status',
  status: 'Failure',
  code,
  reason,
  message,
})

describe('HttpsKube sends', () => {
  const cases: readonly [
    name: string,
    call: (kube: HttpsKube) => Promise<unknown>,
    request: string,
    type?: string,
    body?: unknown,
  ][] = [
    [
      'a get',
      (kube) => kube.get(configMaps, map.metadata),
      'GET /api/v1/namespaces/n/configmaps/a',
    ],
    [
      'a get of what has no namespace',
      (kube) => kube.get(namespaces, { name: 'n' }),
      'GET /api/v1/namespaces/n',
    ],
    [
      'a create',
      (kube) => kube.create(configMaps, map),
      'POST /api/v1/namespaces/n/configmaps',
      'application/json',
      map,
    ],
    [
      'a server-side apply',
      (kube) => kube.apply(configMaps, map, 'strongroom.dev/x'),
      'PATCH /api/v1/namespaces/n/configmaps/a?fieldManager=strongroom.dev%2Fx&force=true',
      'application/apply-patch+yaml',
      map,
    ],
    [
      'an apply of the status',
      (kube) => kube.applyStatus(configMaps, map, 'me'),
      'PATCH /api/v1/namespaces/n/configmaps/a/status?fieldManager=me&force=true',
      'application/apply-patch+yaml',
      map,
    ],
    [
      'a merge patch',
      (kube) => kube.patch(leases, map.metadata, { spec: null }),
      'PATCH /apis/coordination.k8s.io/v1/namespaces/n/leases/a',
      'application/merge-patch+json',
      { spec: null },
    ],
    [
      'a delete of that very object',
      (kube) => kube.delete(configMaps, { ...map.metadata, uid: 'u' }),
      'DELETE /api/v1/namespaces/n/configmaps/a',
      'application/json',
      {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: 'Background',
        preconditions: { uid: 'u' },
      },
    ],
  ]
  for (const [name, call, request, type, body] of cases) {
    test(name, async () => {
      await using it = await scene((_, answer) => json(answer, 200, map))
      await call(it.kube)
      const [asked] = it.server.asked
      assert.equal(`${asked?.method} ${asked?.url}`, request)
      assert.equal(asked?.headers['content-type'], type)
      assert.deepEqual(asked?.body === '' ? undefined : JSON.parse(asked?.body ?? ''), body)
      assert.equal(it.calls.length, 1)
    })
  }

  test('every call below the path of its server', async () => {
    await using it = await scene((_, answer) => json(answer, 200, map), { path: '/k8s/one/' })
    await it.kube.get(configMaps, map.metadata)
    assert.equal(it.server.asked[0]?.url, '/k8s/one/api/v1/namespaces/n/configmaps/a')
  })

  test('the token of now with each call', async () => {
    const tokens = ['first', 'second']
    await using it = await scene((_, answer) => json(answer, 200, map), {
      token: () => tokens.shift() ?? '',
    })
    await it.kube.get(configMaps, map.metadata)
    await it.kube.get(configMaps, map.metadata)
    assert.deepEqual(
      it.server.asked.map(({ headers }) => headers.authorization),
      ['Bearer first', 'Bearer second'],
    )
  })

  test('its certificate', async () => {
    const me = await ca.client('operator')
    await using server = await tlsServer(pair, (_, answer) => json(answer, 200, map), ca.pem)
    const kube = new HttpsKube({
      server: new URL(`https://localhost:${server.port}`),
      ca: Buffer.from(ca.pem),
      certificate: Buffer.from(me.cert),
      key: Buffer.from(me.key),
    })
    await kube.get(configMaps, map.metadata)
    kube.close()
    assert.equal(server.asked[0]?.caller, 'operator')
  })
})

describe('HttpsKube reads', () => {
  test('a missing object as nothing, and deletes one without complaint', async () => {
    await using it = await scene((_, answer) => json(answer, 404, status(404, 'NotFound', 'no')))
    assert.equal(await it.kube.get(configMaps, map.metadata), undefined)
    await it.kube.delete(configMaps, map.metadata)
  })

  test('a refusal as the API server words it', async () => {
    const said = status(403, 'Forbidden', 'the operator may not')
    await using it = await scene((_, answer) => json(answer, 403, said))
    await assert.rejects(it.kube.get(configMaps, map.metadata), (error: KubeError) => {
      assert.ok(error instanceof KubeError)
      assert.deepEqual(
        [error.status, error.reason, error.message],
        [403, 'Forbidden', 'the operator may not'],
      )
      return true
    })
  })

  test('a refusal that is no JSON, or not the API server’s, all the same', async () => {
    const bodies = ['<html>502</html>', '{}', 'null', '[]', '"no"', '{"message":{"a":1}}', '']
    for (const body of bodies) {
      await using it = await scene((_, answer) => answer.writeHead(502).end(body))
      await assert.rejects(it.kube.get(configMaps, map.metadata), (error: KubeError) => {
        assert.ok(error instanceof KubeError, `${body} → ${error}`)
        assert.deepEqual([error.status, error.reason], [502, 'Unknown'])
        assert.equal(typeof error.message, 'string')
        return true
      })
    }
  })

  test('a list page by page, with kind and version on every item', async () => {
    await using it = await scene(({ url }, answer) => {
      const isSecond = url.includes('continue=more')
      const metadata = { resourceVersion: '7', ...(isSecond ? {} : { continue: 'more' }) }
      json(answer, 200, { metadata, items: [{ metadata: { name: isSecond ? 'b' : 'a' } }] })
    })
    const list = await it.kube.list(configMaps, { namespace: 'n', labelSelector: 'x=y' })
    assert.deepEqual(list, {
      resourceVersion: '7',
      items: ['a', 'b'].map((name) => ({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name },
      })),
    })
    assert.equal(
      it.server.asked[0]?.url,
      '/api/v1/namespaces/n/configmaps?limit=50&labelSelector=x%3Dy',
    )
  })

  test('an empty list that Go wrote as null', async () => {
    const empty = { metadata: { resourceVersion: '7' }, items: null }
    await using it = await scene((_, answer) => json(answer, 200, empty))
    assert.deepEqual((await it.kube.list(configMaps, {})).items, [])
  })
})

describe('HttpsKube gives up', () => {
  test('on an answer that does not come, also when it was called with a signal', async () => {
    await using it = await scene(() => undefined, { timeoutMs: 50 })
    await assert.rejects(it.kube.get(configMaps, map.metadata), /no whole answer within 50 ms/)
    const signal = new AbortController().signal
    await assert.rejects(it.kube.list(configMaps, {}, signal), /no whole answer within 50 ms/)
  })

  test('on an answer that stops in its middle', async () => {
    await using it = await scene((_, answer) => answer.writeHead(200).write('{"a":'), {
      timeoutMs: 50,
    })
    await assert.rejects(it.kube.get(configMaps, map.metadata), /no whole answer within 50 ms/)
  })

  test('when its signal ends', async () => {
    await using it = await scene(() => undefined)
    const stop = new AbortController()
    const listing = it.kube.list(configMaps, {}, stop.signal)
    stop.abort()
    await assert.rejects(listing, { name: 'AbortError' })
  })
})

describe('HttpsKube does not speak to', () => {
  const attempt = async (server: Pair, trusted: TestAuthority): Promise<unknown> => {
    await using other = await tlsServer(server, (_, answer) => json(answer, 200, map))
    const kube = new HttpsKube({
      server: new URL(`https://127.0.0.1:${other.port}`),
      ca: Buffer.from(trusted.pem),
      token: () => 'secret',
    })
    try {
      await kube.get(configMaps, map.metadata)
      return 'answered'
    } catch (error) {
      assert.deepEqual(other.asked, [], 'the token was never sent')
      return (error as { code?: string }).code
    } finally {
      kube.close()
    }
  }

  test('a server of another authority', async () => {
    assert.equal(
      await attempt(pair, await testAuthority('Another')),
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    )
  })

  test('a server whose certificate has expired', async () => {
    assert.equal(await attempt(await ca.server(-0.5), ca), 'CERT_HAS_EXPIRED')
  })

  test('a server under another name', async () => {
    await using other = await tlsServer(pair, (_, answer) => json(answer, 200, map))
    const kube = new HttpsKube({
      server: new URL(`https://127.0.0.2:${other.port}`),
      ca: Buffer.from(ca.pem),
    })
    await assert.rejects(kube.get(configMaps, map.metadata))
    kube.close()
  })
})

describe('HttpsKube watches', () => {
  const object = (name: string, version: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'n', resourceVersion: version },
  })
  const line = (answer: ServerResponse, type: string, what: unknown): void => {
    answer.write(`${JSON.stringify({ type, object: what })}\n`)
  }
  const watching = async (
    answer: Answer,
    take: (event: WatchEvent<KubeObject>, stop: AbortController) => void = () => undefined,
  ): Promise<{ events: WatchEvent<KubeObject>[]; error: unknown; url: string | undefined }> => {
    await using it = await scene(answer)
    const stop = new AbortController()
    const events: WatchEvent<KubeObject>[] = []
    const selection = { namespace: 'n', labelSelector: 'x=y', resourceVersion: '100' }
    try {
      for await (const event of it.kube.watch(configMaps, selection, stop.signal)) {
        events.push(event)
        take(event, stop)
      }
      return { events, error: undefined, url: it.server.asked[0]?.url }
    } catch (error) {
      return { events, error, url: it.server.asked[0]?.url }
    }
  }

  test('until the server ends it, bookmarks included, and drops a line that was cut off', async () => {
    const { events, error, url } = await watching((_, answer) => {
      answer.writeHead(200)
      line(answer, 'ADDED', object('a', '101'))
      line(answer, 'BOOKMARK', { metadata: { resourceVersion: '150' } })
      line(answer, 'DELETED', object('a', '151'))
      answer.end('{"type":"ADD')
    })
    assert.equal(error, undefined)
    assert.deepEqual(events, [
      { type: 'ADDED', object: object('a', '101') },
      { type: 'BOOKMARK', resourceVersion: '150' },
      { type: 'DELETED', object: object('a', '151') },
    ])
    const query = Object.fromEntries(new URLSearchParams(url?.split('?')[1]))
    assert.deepEqual(query, {
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: '100',
      timeoutSeconds: '290',
      labelSelector: 'x=y',
    })
  })

  test('and says Gone on 410, as answer and as event', async () => {
    const gone = status(410, 'Expired', 'too old resource version')
    const answered = await watching((_, answer) => json(answer, 410, gone))
    assert.ok(answered.error instanceof Gone)
    const told = await watching((_, answer) => {
      answer.writeHead(200)
      line(answer, 'ERROR', gone)
    })
    assert.ok(told.error instanceof Gone)
  })

  test('and says what else went wrong, as answer and as event', async () => {
    const broken = status(500, 'InternalError', 'etcd is away')
    const answered = await watching((_, answer) => json(answer, 500, broken))
    const told = await watching((_, answer) => {
      answer.writeHead(200)
      line(answer, 'ERROR', broken)
    })
    for (const { error } of [answered, told]) {
      assert.ok(error instanceof KubeError && !(error instanceof Gone))
      assert.deepEqual([error.status, error.message], [500, 'etcd is away'])
    }
  })

  test('until its signal ends', async () => {
    const { events, error } = await watching(
      (_, answer) => {
        answer.writeHead(200)
        line(answer, 'ADDED', object('a', '101'))
      },
      (_, stop) => stop.abort(),
    )
    assert.equal(events.length, 1)
    assert.ok(error instanceof Error, 'who stops it learns nothing more from it')
  })

  test('and fails when the connection breaks', async () => {
    const { events, error } = await watching((_, answer) => {
      answer.writeHead(200)
      line(answer, 'ADDED', object('a', '101'))
      setTimeout(() => answer.destroy(), 20)
    })
    assert.equal(events.length, 1)
    assert.ok(error instanceof Error)
  })
})

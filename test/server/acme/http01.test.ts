import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Http01, listenForHttp01 } from '#server/acme/http01.ts'
import { challengesMax } from '#server/limits.ts'
import { exchange, tcpSocket } from '#test/support/http-calls.ts'

const address = { scheme: 'http', host: '127.0.0.1', port: 0 } as const
const never = new AbortController().signal
const challenge = (token: string) => ({
  ...{ type: 'http-01' as const, name: 'vault.example.com', token },
  keyAuthorization: `${token}.thumbprint`,
})

async function ask({ port }: Http01, path: string, method = 'GET') {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, redirect: 'manual' })
  return [answer.status, await answer.text()]
}

test('listenForHttp01() answers what was presented until it is cleaned up', async () => {
  await using http = await listenForHttp01(address)
  const path = '/.well-known/acme-challenge/one'
  assert.deepEqual(await ask(http, path), [404, ''])
  await http.solver.present(challenge('one'), never)
  assert.deepEqual(await ask(http, path), [200, 'one.thumbprint'])
  assert.deepEqual(await ask(http, path, 'HEAD'), [200, ''])
  await http.solver.present(challenge('one'), never)
  await http.solver.cleanUp(challenge('other'), never)
  assert.deepEqual(await ask(http, path), [200, 'one.thumbprint'])
  await http.solver.cleanUp(challenge('one'), never)
  await http.solver.cleanUp(challenge('one'), never)
  assert.deepEqual(await ask(http, path), [404, ''])
})

test('listenForHttp01() presents again what a process that was killed had presented', async () => {
  await using http = await listenForHttp01(address)
  assert.equal(await http.solver.check(challenge('one'), never), undefined)
  assert.deepEqual(await ask(http, '/.well-known/acme-challenge/one'), [200, 'one.thumbprint'])
})

test('listenForHttp01() answers nothing else', async () => {
  await using http = await listenForHttp01(address)
  await http.solver.present(challenge('one'), never)
  for (const [path, method] of [
    ['/', 'GET'],
    ['/one', 'GET'],
    ['/.well-known/acme-challenge/', 'GET'],
    ['/.well-known/acme-challenge/one/', 'GET'],
    ['/.well-known/acme-challenge/../acme-challenge/two', 'GET'],
    ['/.well-known/acme-challenge/one?a=b', 'GET'],
    ['/.well-known/acme-challenge/one', 'POST'],
    ['/.well-known/acme-challenge/__proto__', 'GET'],
    ['/admin/strongroom/state', 'GET'],
  ] as const)
    assert.deepEqual(await ask(http, path, method), [404, ''], `${method} ${path}`)
  const garbage = await exchange(await tcpSocket(http.port), Buffer.alloc(8_192, 0x41))
  assert.match(garbage, /^(HTTP\/1.1 4\d\d|$)/)
})

test('listenForHttp01() has room for so many proofs', async () => {
  await using http = await listenForHttp01(address)
  for (let number = 0; number < challengesMax; number += 1)
    await http.solver.present(challenge(`t${number}`), never)
  await http.solver.present(challenge('t0'), never)
  await assert.rejects(http.solver.present(challenge('more'), never), /being proven already/)
})

test('listenForHttp01() says which address it could not have', async () => {
  await using http = await listenForHttp01(address)
  await assert.rejects(listenForHttp01({ ...address, port: http.port }), {
    code: 'OrderSettingInvalid',
    message: /Http\.Url cannot be listened on: http:\/\/127\.0\.0\.1:\d+: EADDRINUSE/,
  })
})

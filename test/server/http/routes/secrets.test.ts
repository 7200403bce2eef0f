import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Administration,
  administration,
  type Caller,
  people,
} from '#test/support/administration.ts'

const known = people()

const one = Buffer.alloc(32, 7).toString('base64')
const two = Buffer.alloc(32, 9).toString('base64')
const post = (on: Administration, query: string, body: string, as: Caller = 'operator') =>
  on.call(as, 'POST', `/admin/secrets?${query}`, {
    body,
    headers: { 'content-type': 'text/plain' },
  })

test('GET /admin/secrets/generate gives another key of 32 bytes each time', async () => {
  await using on = await administration(known)
  const first = await on.call('operator', 'GET', '/admin/secrets/generate')
  const second = await on.call('boss', 'GET', '/admin/secrets/generate')
  assert.equal(first.headers['content-type'], 'application/base64')
  assert.equal(Buffer.from(first.text, 'base64').length, 32)
  assert.equal(first.text.length, 44)
  assert.notEqual(first.text, second.text)
})

test('secretRoutes() lets in administrators and nobody else', async () => {
  await using on = await administration(known)
  for (const caller of ['dbAdmin', 'reader', 'outsider', 'nobody'] as const) {
    for (const [method, url] of [
      ['GET', '/admin/secrets/generate'],
      ['GET', '/admin/secrets'],
      ['POST', '/admin/secrets?name=alpha'],
    ] as const) {
      assert.equal((await on.call(caller, method, url)).status, 403, `${caller} ${url}`)
    }
  }
  assert.deepEqual((await on.call('boss', 'GET', '/admin/secrets')).body, { Keys: [] })
})

test('POST /admin/secrets keeps a key, which the list names and never shows', async () => {
  await using on = await administration(known)
  const { status, headers, text } = await post(on, 'name=secretdb', one)
  assert.deepEqual([status, headers['content-length'], text], [201, '0', ''])
  const list = await on.call('operator', 'GET', '/admin/secrets?name=secretdb')
  assert.deepEqual(list.body, { Keys: ['secretdb'] })
  assert.equal(list.text.includes(one.slice(0, 20)), false)
})

const answers: readonly [string, string, string, number, string | undefined][] = [
  ['the same key again', 'name=secretdb', one, 201, undefined],
  ['the same with a line end', 'name=secretdb', `${one}\n`, 201, undefined],
  ['another key', 'name=secretdb', two, 500, 'System.InvalidOperationException'],
  [
    'another key under the name in other case',
    'name=SECRETDB',
    two,
    500,
    'System.InvalidOperationException',
  ],
  ['another key with overwrite', 'name=secretdb&overwrite=true', two, 201, undefined],
  ['a key for a plain database', 'name=plain', one, 500, 'System.InvalidOperationException'],
  [
    'one for a plain database with overwrite',
    'name=plain&overwrite=true',
    one,
    500,
    'System.InvalidOperationException',
  ],
  [
    'another key for a live database with overwrite',
    'name=live&overwrite=true',
    two,
    500,
    'System.InvalidOperationException',
  ],
  ['no base64', 'name=other', '%%%', 500, 'System.FormatException'],
  ['a quoted key', 'name=other', JSON.stringify(one), 500, 'System.FormatException'],
  [
    '16 bytes',
    'name=other',
    Buffer.alloc(16).toString('base64'),
    500,
    'System.InvalidOperationException',
  ],
  ['nothing', 'name=other', '', 500, 'System.InvalidOperationException'],
  ['no name', '', one, 500, 'System.ArgumentException'],
  ['a bad name', 'name=..', one, 400, 'Raven.Client.Exceptions.BadRequestException'],
]
for (const [what, query, body, status, type] of answers) {
  test(`POST /admin/secrets answers ${status} to ${what}`, async () => {
    await using on = await administration(known)
    await post(on, 'name=secretdb', one)
    await post(on, 'name=live', one)
    for (const [name, encrypted] of [
      ['live', true],
      ['plain', false],
    ] as const) {
      const record = { DatabaseName: name, Encrypted: encrypted }
      await on.call('operator', 'PUT', '/admin/databases', { body: record })
    }
    const answer = await post(on, query, body)
    assert.deepEqual([answer.status, answer.body.Type], [status, type])
  })
}

test('POST /admin/secrets has the act audited, without the key', async () => {
  await using on = await administration(known)
  await post(on, 'name=secretdb', one)
  const { act, actor, facts } = on.audited[0] ?? assert.fail()
  assert.deepEqual(
    [act, actor?.name, facts],
    ['database key kept', 'operator', { database: 'secretdb' }],
  )
  assert.equal(JSON.stringify(on.audited).includes(one), false)
})

test('POST /admin/secrets takes no key on a server without HTTPS', async () => {
  await using on = await administration(known, { secured: false })
  const { status, headers } = await post(on, 'name=secretdb', one)
  assert.deepEqual([status, headers['strongroom-error']], [500, 'EncryptionNeedsHttps'])
})

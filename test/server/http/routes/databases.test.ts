import assert from 'node:assert/strict'
import { test } from 'node:test'
import { databaseRoutes } from '#server/http/routes/databases.ts'
import {
  type Administration,
  administration,
  type Caller,
  people,
} from '#test/support/administration.ts'

const known = people()

const path = '/admin/databases'
const create = (on: Administration, name: string, more: object = {}, query = '') =>
  on.call('operator', 'PUT', `${path}?name=${encodeURIComponent(name)}${query}`, {
    body: { DatabaseName: name, ...more },
  })
const drop = (on: Administration, names: readonly string[], more: object = {}) =>
  on.call('operator', 'DELETE', path, { body: { DatabaseNames: names, HardDelete: true, ...more } })

// ── who may ──

const administrators: readonly Caller[] = ['boss', 'operator']
const guarded: readonly [string, string, readonly Caller[]][] = [
  ['PUT', `${path}?name=alpha`, administrators],
  ['GET', `${path}?name=alpha`, administrators],
  ['DELETE', path, administrators],
  ['POST', `${path}/enable`, administrators],
  ['POST', `${path}/disable`, administrators],
  ['POST', `${path}/accept-rollback?name=alpha`, ['boss']],
  ['GET', '/databases/alpha/admin/record', [...administrators, 'dbAdmin']],
  ['PUT', '/databases/alpha/admin/configuration/settings', [...administrators, 'dbAdmin']],
]
for (const [method, url, allowed] of guarded) {
  test(`${method} ${url} lets in ${allowed.join(', ')} and refuses everybody else`, async () => {
    await using on = await administration(known)
    await create(on, 'alpha')
    const everybody = ['boss', 'operator', 'dbAdmin', 'reader', 'outsider', 'nobody'] as const
    for (const caller of everybody) {
      const { status, body } = await on.call(caller, method, url)
      const isRefused = status === 403 && body.Type === 'InvalidAuth'
      assert.equal(isRefused, !allowed.includes(caller), `${caller}: ${status}`)
    }
  })
}

test('databaseRoutes() declares an action for every route', () => {
  const routes = databaseRoutes({ catalog: {} as never, audit: () => undefined, url: () => '' })
  assert.equal(routes.length, guarded.length)
  for (const { action } of routes) assert.notEqual(action.level, 'Open')
})

// ── creating ──

test('PUT /admin/databases answers in the shape of RavenDB, encrypted where nothing else is said', async () => {
  await using on = await administration(known)
  const { status, headers, body } = await create(on, 'gamma', { Settings: {}, Disabled: false })
  assert.deepEqual([status, headers['content-type']], [201, 'application/json; charset=utf-8'])
  const keys = ['RaftCommandIndex', 'Name', 'Topology', 'NodesAddedTo', 'ShardsDefined']
  assert.deepEqual(Object.keys(body), keys)
  assert.deepEqual([body.Name, body.NodesAddedTo], ['gamma', ['https://127.0.0.1:8443']])
  assert.ok(Number(body.RaftCommandIndex) > 0)
  assert.deepEqual((body.Topology as { Members: string[] }).Members, ['A'])
  assert.equal(on.catalog.find('gamma')?.record.encrypted, true)
})

test('PUT /admin/databases counts the name of the record, not that of the address', async () => {
  await using on = await administration(known)
  const other = { body: { DatabaseName: 'other' } }
  assert.equal((await on.call('operator', 'PUT', `${path}?name=x`, other)).body.Name, 'other')
  const third = { body: { DatabaseName: 'third' } }
  assert.equal((await on.call('operator', 'PUT', path, third)).status, 201)
})

test('PUT /admin/databases answers 409 for a name that is taken, in any case', async () => {
  await using on = await administration(known)
  await create(on, 'gamma')
  for (const name of ['gamma', 'GAMMA']) {
    const { status, body } = await create(on, name)
    assert.deepEqual(
      [status, body.Type, body.Id, body.ExpectedChangeVector, body.ActualChangeVector],
      [409, 'Raven.Client.Exceptions.ConcurrencyException', null, null, null],
    )
  }
  const undefinedEtag = { headers: { etag: '"undefined"' }, body: { DatabaseName: 'gamma' } }
  assert.equal((await on.call('operator', 'PUT', path, undefinedEtag)).status, 409)
})

const badBodies: readonly [string, unknown, number, RegExp][] = [
  ['no body', '', 400, /BadRequest/],
  ['half a body', '{"DatabaseName":', 400, /BadRequest/],
  ['a list', [], 400, /BadRequest/],
  ['an empty record', {}, 400, /BadRequest/],
  ['a name twice', '{"DatabaseName":"a","DatabaseName":"b"}', 400, /BadRequest/],
  ['a name that leaves a folder', { DatabaseName: '../a' }, 400, /BadRequest/],
  ['the name of the server store', { DatabaseName: 'System' }, 400, /BadRequest/],
  ['a folder', { DatabaseName: 'a', Settings: { DataDir: '/etc' } }, 400, /BadRequest/],
  [
    'a program',
    { DatabaseName: 'a', Settings: { 'Storage.OnDirectoryInitialize.Exec': '/bin/true' } },
    400,
    /BadRequest/,
  ],
  ['another node', { DatabaseName: 'a', Topology: { Members: ['Q'] } }, 500, /ArgumentException/],
  [
    'a feature that is not built',
    { DatabaseName: 'a', Expiration: { Disabled: false } },
    501,
    /NotImplemented/,
  ],
]
for (const [what, body, status, type] of badBodies) {
  test(`PUT /admin/databases refuses ${what} with a coded error`, async () => {
    await using on = await administration(known)
    const answer = await on.call('operator', 'PUT', `${path}?name=a`, { body })
    assert.equal(answer.status, status, answer.text)
    assert.match(String(answer.body.Type), type)
    assert.match(String(answer.headers['strongroom-error']), /^[A-Z]\w+$/)
    assert.deepEqual(on.catalog.list(), [])
  })
}

test('PUT /admin/databases with the ETag of the record changes it, once', async () => {
  await using on = await administration(known)
  await create(on, 'gamma')
  const record = (await on.call('operator', 'GET', `${path}?name=gamma`)).body
  const body = { ...record, Settings: { 'Query.RegexTimeoutInMs': '5' } }
  const sent = { headers: { etag: `"${record.Etag}"` }, body }
  assert.equal((await on.call('operator', 'PUT', `${path}?name=gamma`, sent)).status, 201)
  const after = (await on.call('operator', 'GET', `${path}?name=gamma`)).body
  assert.deepEqual(after.Settings, { 'Query.RegexTimeoutInMs': '5' })
  assert.equal((await on.call('operator', 'PUT', `${path}?name=gamma`, sent)).status, 409)
})

test('PUT /admin/databases never turns encryption of an existing database', async () => {
  await using on = await administration(known)
  for (const encrypted of [true, false]) {
    const name = `turned-${encrypted}`
    await create(on, name, { Encrypted: encrypted })
    const record = (await on.call('operator', 'GET', `${path}?name=${name}`)).body
    const body = { ...record, Encrypted: !encrypted }
    const sent = { headers: { etag: `"${record.Etag}"` }, body }
    const { status, headers } = await on.call('operator', 'PUT', `${path}?name=${name}`, sent)
    assert.deepEqual([status, headers['strongroom-error']], [400, 'EncryptionCannotChange'])
    assert.equal(on.catalog.find(name)?.record.encrypted, encrypted)
  }
})

test('PUT and DELETE /admin/databases answer a repeated request as they did before', async () => {
  await using on = await administration(known)
  const id = '&raft-request-id=0b8f1f0e-0000-4000-8000-000000000001'
  const first = await create(on, 'gamma', {}, id)
  const again = await create(on, 'gamma', {}, id)
  assert.deepEqual([again.status, again.body], [201, first.body])
  assert.equal((await create(on, 'gamma', { Disabled: true }, id)).status, 409)
  const body = { DatabaseNames: ['gamma'], HardDelete: true }
  const url = `${path}?raft-request-id=0b8f1f0e-0000-4000-8000-000000000002`
  const deleted = await on.call('operator', 'DELETE', url, { body })
  const repeated = await on.call('operator', 'DELETE', url, { body })
  assert.deepEqual(repeated.body, deleted.body)
  assert.ok(Number(deleted.body.RaftCommandIndex) > 0)
})

// ── reading ──

test('GET /admin/databases shows the whole record in any case, without a key', async () => {
  await using on = await administration(known)
  await create(on, 'Mixed.Case', { Foo: { bar: [1] } })
  const { body, text } = await on.call('operator', 'GET', `${path}?name=mixed.case`)
  const { DatabaseName, Encrypted, Disabled, LockMode, DatabaseState, Foo } = body
  assert.deepEqual(
    [DatabaseName, Encrypted, Disabled, LockMode, DatabaseState, Foo],
    ['Mixed.Case', true, false, 'Unlock', 'Normal', { bar: [1] }],
  )
  assert.equal(typeof body.Etag, 'number')
  const sealed = on.catalog.find('mixed.case')?.record.keys[0]?.sealed ?? assert.fail()
  assert.equal(text.includes(sealed), false)
})

test('GET /admin/databases says of a missing one that it is missing', async () => {
  await using on = await administration(known)
  const { status, headers, body } = await on.call('operator', 'GET', `${path}?name=nosuch`)
  assert.deepEqual(
    [status, headers['database-missing'], Object.keys(body), body.Type],
    [404, 'nosuch', ['Type', 'Message'], 'Error'],
  )
  assert.equal((await on.call('operator', 'GET', path)).status, 500)
  const odd = await on.call('operator', 'GET', `${path}?name=${encodeURIComponent('a\r\nb: ä')}`)
  assert.deepEqual([odd.status, odd.headers['database-missing']], [404, 'a%0D%0Ab%3A%20%C3%A4'])
})

test('GET …/admin/record is the record for who administers that database', async () => {
  await using on = await administration(known)
  await create(on, 'alpha')
  const { status, body } = await on.call('dbAdmin', 'GET', '/databases/ALPHA/admin/record')
  assert.deepEqual([status, body.DatabaseName], [200, 'alpha'])
  const missing = await on.call('operator', 'GET', '/databases/nosuch/admin/record')
  assert.deepEqual(
    [missing.status, missing.body.Type],
    [500, 'Raven.Client.Exceptions.Database.DatabaseDoesNotExistException'],
  )
})

// ── settings ──

test('PUT …/admin/configuration/settings replaces what concerns the database alone', async () => {
  await using on = await administration(known)
  await create(on, 'alpha')
  const url = '/databases/alpha/admin/configuration/settings'
  const body = { 'Indexing.Static.SearchEngineType': 'Lucene' }
  const { status, headers, text } = await on.call('dbAdmin', 'PUT', url, { body })
  assert.deepEqual([status, headers['content-length'], text], [201, '0', ''])
  assert.deepEqual(on.catalog.find('alpha')?.record.settings, body)
  for (const key of ['DataDir', 'Storage.OnDirectoryInitialize.Exec', 'No.Such.Setting']) {
    const refused = await on.call('dbAdmin', 'PUT', url, { body: { [key]: '/' } })
    assert.deepEqual(
      [refused.status, refused.headers['strongroom-error']],
      [400, 'DatabaseSettingRefused'],
    )
  }
  assert.deepEqual(on.catalog.find('alpha')?.record.settings, body)
})

// ── enabling, disabling ──

test('POST …/disable and …/enable turn a database off and on, and say of each name how it went', async () => {
  await using on = await administration(known)
  await create(on, 'gamma')
  const turn = (verb: string, names: unknown) =>
    on.call('operator', 'POST', `${path}/${verb}`, { body: { DatabaseNames: names } })
  const { body } = await turn('disable', ['GAMMA', 'nosuch'])
  const [gamma, nosuch] = body.Status as Record<string, unknown>[]
  assert.deepEqual([gamma?.Name, gamma?.Success, gamma?.Disabled], ['gamma', true, true])
  assert.deepEqual([nosuch?.Name, nosuch?.Success], ['nosuch', false])
  const refused = await on.call('operator', 'GET', '/databases/gamma/docs?id=a')
  assert.deepEqual(
    [refused.status, refused.body.Type],
    [503, 'Raven.Client.Exceptions.Database.DatabaseDisabledException'],
  )
  await turn('enable', ['gamma'])
  assert.equal((await on.call('operator', 'GET', '/databases/gamma/docs?id=a')).status, 404)
  for (const names of [[], undefined, null]) {
    assert.deepEqual((await turn('disable', names)).body, { Status: [] })
  }
  for (const names of ['gamma', [1, null], [['gamma']], {}]) {
    assert.equal((await turn('disable', names)).status, 400, 'nothing of it is left out in silence')
  }
})

// ── deleting ──

test('DELETE /admin/databases deletes several, whatever is missing among them', async () => {
  await using on = await administration(known)
  for (const name of ['a', 'b']) await create(on, name)
  const { status, body } = await drop(on, ['A', 'nosuch', 'b'])
  assert.deepEqual([status, body.PendingDeletes], [200, []])
  assert.ok(Number(body.RaftCommandIndex) > 0)
  assert.deepEqual(on.catalog.list(), [])
  const gone = await on.call('operator', 'GET', '/databases/a/docs?id=a')
  assert.deepEqual(
    [gone.status, gone.body.Type],
    [500, 'Raven.Client.Exceptions.Database.DatabaseDoesNotExistException'],
  )
})

test('DELETE /admin/databases answers -1 where there was nothing to delete', async () => {
  await using on = await administration(known)
  const nothing = { RaftCommandIndex: -1, PendingDeletes: [] }
  assert.deepEqual((await drop(on, ['nosuch'])).body, nothing)
  assert.deepEqual((await drop(on, [])).body, nothing)
  assert.deepEqual((await on.call('operator', 'DELETE', path, { body: {} })).body, nothing)
  assert.equal((await on.call('operator', 'DELETE', path, { body: '' })).status, 400)
})

test('DELETE /admin/databases deletes from this node, and from no other', async () => {
  await using on = await administration(known)
  await create(on, 'a')
  assert.equal((await drop(on, ['a'], { FromNodes: ['B'] })).status, 500)
  assert.notEqual(on.catalog.find('a'), undefined)
  assert.deepEqual((await drop(on, ['a'], { FromNodes: ['A'] })).body.PendingDeletes, ['A'])
})

test('DELETE /admin/databases without HardDelete keeps the data for who creates it again', async () => {
  await using on = await administration(known)
  await create(on, 'a')
  await on.call('operator', 'PUT', '/databases/a/docs?id=x%2F1', { body: { A: 1 } })
  await drop(on, ['a'], { HardDelete: false })
  assert.equal((await on.call('operator', 'GET', '/databases/a/docs?id=x%2F1')).status, 500)
  await create(on, 'a')
  assert.equal((await on.call('operator', 'GET', '/databases/a/docs?id=x%2F1')).status, 200)
})

// ── audit ──

test('databaseRoutes() has every act audited, with who did it', async () => {
  await using on = await administration(known)
  await create(on, 'alpha', { Encrypted: false })
  const names = { DatabaseNames: ['alpha'] }
  await on.call('boss', 'POST', `${path}/disable`, { body: names })
  await on.call('boss', 'POST', `${path}/enable`, { body: names })
  await on.call('dbAdmin', 'PUT', '/databases/alpha/admin/configuration/settings', { body: {} })
  await drop(on, ['alpha'])
  assert.deepEqual(
    on.audited.map(({ act, actor }) => `${actor?.name}: ${act}`),
    [
      'operator: database created',
      'boss: database disabled',
      'boss: database enabled',
      'dbAdmin: database settings changed',
      'operator: database deleted',
    ],
  )
  assert.deepEqual(on.audited[0]?.facts, { database: 'alpha', encrypted: false })
})

test('POST …/accept-rollback refuses where there is nothing to accept', async () => {
  await using on = await administration(known)
  await create(on, 'alpha')
  const { status, headers } = await on.call('boss', 'POST', `${path}/accept-rollback?name=alpha`)
  assert.deepEqual([status, headers['strongroom-error']], [409, 'DatabaseNotRolledBack'])
})

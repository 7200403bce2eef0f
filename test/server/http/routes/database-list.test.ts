import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Administration, administration, people } from '#test/support/administration.ts'

const known = people()

async function withDatabases(...names: readonly string[]): Promise<Administration> {
  const on = await administration(known)
  for (const name of names) {
    await on.call('operator', 'PUT', '/admin/databases', { body: { DatabaseName: name } })
  }
  return on
}

const names = async (
  on: Administration,
  ...[as, query]: [Parameters<Administration['call']>[0], string]
) => (await on.call(as, 'GET', `/databases?namesOnly=true${query}`)).body.Databases

test('GET /databases lists names without regard to case, in pages', async () => {
  await using on = await withDatabases('beta', 'Mixed.Case', 'alpha', '_a', '-a')
  assert.deepEqual(await names(on, 'operator', ''), ['-a', '_a', 'alpha', 'beta', 'Mixed.Case'])
  assert.deepEqual(await names(on, 'boss', '&start=1&pageSize=2'), ['_a', 'alpha'])
  assert.deepEqual(await names(on, 'boss', '&start=100&pageSize=2'), [])
  assert.deepEqual(await names(on, 'boss', '&start=-5&pageSize=1'), ['-a'])
})

test('GET /databases shows to everybody what he may read, and nothing else', async () => {
  await using on = await withDatabases('alpha', 'beta')
  assert.deepEqual(await names(on, 'reader', ''), ['alpha'])
  assert.deepEqual(await names(on, 'dbAdmin', ''), ['alpha'])
  assert.deepEqual(await names(on, 'outsider', ''), [])
  assert.equal((await on.call('nobody', 'GET', '/databases')).status, 403)
})

test('GET /databases?name= answers the same for a foreign and for a missing database', async () => {
  await using on = await withDatabases('alpha', 'beta')
  const answers: { status: number; text: string; names: string[]; length: unknown }[] = []
  for (const name of ['beta', 'nosuch']) {
    const { status, headers, text } = await on.call('reader', 'GET', `/databases?name=${name}`)
    const { 'database-missing': missing, ...others } = headers
    answers.push({ status, text, names: Object.keys(others), length: headers['content-length'] })
    assert.equal(missing, name)
  }
  assert.deepEqual(answers[0], answers[1])
  assert.deepEqual([answers[0]?.status, answers[0]?.length], [404, '0'])
  const own = await on.call('reader', 'GET', '/databases?name=ALPHA')
  assert.equal((own.body.Databases as { Name: string }[])[0]?.Name, 'alpha')
})

test('GET /databases describes each database, and who is its admin', async () => {
  await using on = await withDatabases('alpha')
  await on.call('operator', 'PUT', '/databases/alpha/docs?id=x%2F1', { body: { A: 1 } })
  const item = async (as: 'reader' | 'dbAdmin' | 'operator') => {
    const { body } = await on.call(as, 'GET', '/databases')
    return (body.Databases as Record<string, unknown>[])[0] ?? assert.fail()
  }
  const { Name, Disabled, IsEncrypted, DocumentsCount, UpTime, IsAdmin } = await item('reader')
  assert.deepEqual(
    [Name, Disabled, IsEncrypted, DocumentsCount, IsAdmin],
    ['alpha', false, true, 1, false],
  )
  assert.match(String(UpTime), /^(\d+\.)?\d\d:\d\d:\d\d\.\d{7}$/)
  assert.deepEqual(
    [(await item('dbAdmin')).IsAdmin, (await item('operator')).IsAdmin],
    [true, true],
  )
})

test('GET /databases describes a disabled database too', async () => {
  await using on = await withDatabases('alpha')
  await on.call('boss', 'POST', '/admin/databases/disable', { body: { DatabaseNames: ['alpha'] } })
  const { body } = await on.call('reader', 'GET', '/databases?name=alpha')
  const item = (body.Databases as Record<string, unknown>[])[0] ?? assert.fail()
  assert.deepEqual([item.Name, item.Disabled, item.UpTime], ['alpha', true, null])
  const { SizeInBytes } = item.TotalSize as { readonly SizeInBytes: number }
  assert.ok(SizeInBytes > 0)
})

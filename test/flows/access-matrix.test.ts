/** Every kind of caller on representative routes: let in from the named level on, refused below it. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createDatabase, putDocument, register } from '#test/support/api.ts'
import type { Call, Caller, Identity } from '#test/support/caller.ts'
import { temporaryFolder } from '#test/support/file-tree.ts'
import { authority, clientCredentials } from '#test/support/pki.ts'
import { type ServerProcess, startServer } from '#test/support/server-process.ts'

/** Callers from the least to the most powerful; `Elsewhere` is a ValidUser with Admin on another database. */
const levels = [
  'Nobody',
  'Stranger',
  'Expired',
  'Nothing',
  'Elsewhere',
  'Read',
  'ReadWrite',
  'Admin',
  'Operator',
  'ClusterAdmin',
] as const
type Level = (typeof levels)[number]

interface Row {
  readonly from: Level
  readonly call: Call
}

const json = { 'content-type': 'application/json' }
const get = (from: Level, path: string): Row => ({ from, call: { method: 'GET', path } })
const send = (from: Level, method: string, path: string, body: unknown = ''): Row => ({
  from,
  call: {
    method,
    path,
    headers: json,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  },
})

const rows: readonly Row[] = [
  get('Nobody', '/setup/alive'),
  get('Nobody', '/health/live'),
  get('Nobody', '/health/ready'),
  get('Nothing', '/build/version'),
  get('Nothing', '/cluster/topology'),
  get('Nothing', '/cluster/node-info'),
  get('Nothing', '/databases'),
  get('Nothing', '/metrics'),
  get('Read', '/topology?name=matrix'),
  get('Read', '/databases/matrix/docs?id=a%2F1'),
  send('Read', 'POST', '/databases/matrix/docs', { Ids: ['a/1'] }),
  send('Read', 'POST', '/databases/matrix/queries', { Query: 'from @all_docs' }),
  get('Read', '/databases/matrix/stats'),
  get('Read', '/databases/matrix/collections/stats'),
  send('ReadWrite', 'PUT', '/databases/matrix/docs?id=a%2F2', '{}'),
  send('ReadWrite', 'DELETE', '/databases/matrix/docs?id=a%2F3'),
  send('ReadWrite', 'POST', '/databases/matrix/bulk_docs', { Commands: [] }),
  get('ReadWrite', '/databases/matrix/hilo/next?tag=things'),
  send('ReadWrite', 'PUT', '/databases/matrix/hilo/return?tag=things&end=32&last=1'),
  get('Operator', '/admin/databases?name=matrix'),
  get('Operator', '/admin/certificates'),
  get('Operator', '/admin/secrets/generate'),
  send('Operator', 'POST', '/admin/certificates', {
    Name: 'made',
    SecurityClearance: 'ValidUser',
    Permissions: {},
  }),
  get('ClusterAdmin', '/admin/strongroom/state'),
  send('ClusterAdmin', 'PUT', '/admin/strongroom/challenges', {
    Name: 'vault.example.com',
    KeyAuthorization: `token.${'a'.repeat(43)}`,
  }),
  send('ClusterAdmin', 'DELETE', '/admin/strongroom/challenges?name=vault.example.com'),
]

const folder = temporaryFolder('access-matrix')
const identities = new Map<Level, Identity | null>()
const callers = new Map<Level, Caller>()
let server: ServerProcess

before(async () => {
  server = await startServer({ folder: folder.path })
  await using admin = server.caller()
  for (const name of ['matrix', 'elsewhere']) await createDatabase(admin, name)
  await putDocument(admin, 'matrix', { id: 'a/1', text: '{"a":1}' })
  await registerAll(admin)
  for (const level of levels) callers.set(level, server.caller(identities.get(level)))
})
after(async () => {
  for (const caller of callers.values()) await caller[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

for (const { from, call } of rows)
  test(`${call.method} ${call.path} lets in callers from ${from} on`, async () => {
    const wrong: string[] = []
    for (const level of levels) {
      const answer = await callerOf(level).call(call)
      const isIn = levels.indexOf(level) >= levels.indexOf(from)
      if (isIn ? answer.status >= 400 : answer.status !== 403)
        wrong.push(`${level}: ${answer.status} ${answer.text.slice(0, 200)}`)
    }
    assert.deepEqual(wrong, [])
  })

test('a ValidUser sees the databases that it has access to and no others', async () => {
  const seen = async (level: Level): Promise<unknown> =>
    (await callerOf(level).get('/databases?namesOnly=true')).json().Databases
  assert.deepEqual(await seen('Nothing'), [])
  assert.deepEqual(await seen('Read'), ['matrix'])
  assert.deepEqual(await seen('Elsewhere'), ['elsewhere'])
  assert.deepEqual(await seen('Operator'), ['elsewhere', 'matrix'])
})

test('who has no access to a database gets the same answer whether it exists or not', async () => {
  for (const level of ['Nobody', 'Stranger', 'Nothing', 'Elsewhere'] as const)
    for (const path of [
      '/databases/NAME/docs?id=a',
      '/databases/NAME/stats',
      '/topology?name=NAME',
      '/admin/databases?name=NAME',
    ]) {
      const answers: { readonly status: number; readonly text: string }[] = []
      for (const name of ['matrix', 'absent']) {
        const { status, text } = await callerOf(level).get(path.replace('NAME', name))
        answers.push({ status, text: text.replaceAll(name, 'NAME') })
      }
      assert.deepEqual(answers[0], answers[1], `${level} ${path}`)
    }
})

test('an Operator neither makes nor changes an administrator', async () => {
  const operator = callerOf('Operator')
  const certificates = '/admin/certificates'
  for (const clearance of ['ClusterAdmin', 'ClusterNode']) {
    const made = await operator.post(certificates, {
      Name: 'up',
      SecurityClearance: clearance,
      Permissions: {},
    })
    assert.ok(made.status >= 400, `${clearance}: ${made.status}`)
  }
  const list = (await callerOf('ClusterAdmin').get(certificates)).json().Results as {
    Thumbprint: string
    SecurityClearance: string
    Certificate: string
  }[]
  const administrator = list.find(({ SecurityClearance }) => SecurityClearance === 'ClusterAdmin')
  assert.ok(administrator)
  const { Thumbprint, Certificate } = administrator
  const lower = { Name: 'down', SecurityClearance: 'ValidUser', Permissions: {} }
  const refused = [
    await operator.put(certificates, { ...lower, Certificate }),
    await operator.post(`${certificates}/edit`, { ...lower, Thumbprint }),
    await operator.delete(`${certificates}?thumbprint=${Thumbprint}`),
  ]
  for (const answer of refused) assert.ok(answer.status >= 400, answer.text)
  assert.equal((await callerOf('ClusterAdmin').get('/admin/databases?name=matrix')).status, 200)
})

function callerOf(level: Level): Caller {
  const found = callers.get(level)
  if (found === undefined) throw new Error(`no caller ${level}`)
  return found
}

async function registerAll(admin: Caller): Promise<void> {
  const ca = await authority('matrix')
  const add = async (
    level: Level,
    rights: { clearance?: string; permissions?: Record<string, string>; days?: number },
  ): Promise<void> => {
    const credentials = await clientCredentials(ca, {
      commonName: level,
      ...(rights.days === undefined ? {} : { days: rights.days }),
    })
    identities.set(level, credentials)
    if (level !== 'Stranger')
      await register(admin, { name: level, der: credentials.der, ...rights })
  }
  identities.set('Nobody', null)
  await add('Stranger', {})
  await add('Expired', { permissions: { matrix: 'Admin' }, days: -1 })
  await add('Nothing', {})
  await add('Elsewhere', { permissions: { elsewhere: 'Admin' } })
  await add('Read', { permissions: { matrix: 'Read' } })
  await add('ReadWrite', { permissions: { matrix: 'ReadWrite' } })
  await add('Admin', { permissions: { matrix: 'Admin' } })
  await add('Operator', { clearance: 'Operator' })
  identities.set('ClusterAdmin', server.admin)
}

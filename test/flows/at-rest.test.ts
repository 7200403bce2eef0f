/** Nothing legible at rest: 64 words of an encrypted database are nowhere in the data folder, those of a plain one are found. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import {
  createDatabase,
  docsPath,
  putBatch,
  putDocument,
  register,
  succeeded,
} from '#test/support/api.ts'
import type { Caller } from '#test/support/caller.ts'
import { canaries, type Finding, searchFolder, searchText } from '#test/support/canaries.ts'
import { filesBelow, temporaryFolder } from '#test/support/file-tree.ts'
import { authority, clientCredentials } from '#test/support/pki.ts'
import { seeded } from '#test/support/seeded.ts'
import { startServer } from '#test/support/server-process.ts'

/** What each of the 64 words is. */
interface Words {
  readonly database: string
  readonly certificate: string
  readonly collections: readonly string[]
  readonly ids: readonly string[]
  readonly properties: readonly string[]
  readonly values: readonly string[]
}

const password = 'a password that is nowhere'

test('server leaves none of 64 words of an encrypted database, no key and no password, on disk or in its log', async () => {
  using folder = temporaryFolder('at-rest')
  const random = seeded(64)
  const sealed = wordsOf(canaries(random, 64))
  const plain = wordsOf(canaries(random, 64))
  const databaseKey = randomBytes(32)

  await using server = await startServer({ folder: folder.path })
  await using admin = server.caller()
  succeeded(
    await admin.post(`/admin/secrets?name=${sealed.database}`, databaseKey.toString('base64')),
  )
  await createDatabase(admin, sealed.database, { Encrypted: true })
  await createDatabase(admin, plain.database, { Encrypted: false })
  for (const words of [sealed, plain]) await live(admin, words)
  assert.equal(await server.stop(), 0)

  assert.deepEqual(searchFolder(folder.path, all(sealed)), [], 'words of the encrypted database')
  assert.deepEqual(
    missing(searchFolder(folder.path, documentWords(plain)), plain),
    [],
    'the search finds those of a plain one',
  )
  const serverWords = [plain.database, plain.certificate]
  assert.deepEqual(
    searchFolder(folder.path, serverWords),
    [],
    'words of the server store, which is always encrypted',
  )

  const secrets = secretsOf(folder.path, databaseKey)
  assert.deepEqual(keysOnDisk(folder.path, secrets), [], 'keys and passwords on disk')
  assert.deepEqual(
    searchText(server.log(), [...documentWords(sealed), ...documentWords(plain)], 'log'),
    [],
    'words of documents in the log',
  )
  assert.deepEqual(
    searchBytes(Buffer.from(server.log()), secrets, 'log'),
    [],
    'keys and passwords in the log',
  )
  assert.doesNotMatch(server.log() + server.output(), /PRIVATE KEY/)
  // The audit says on which database and for which certificate something was done; the log says not even that.
  assert.deepEqual(
    searchText(outsideAudit(server.log()), [...all(sealed), ...all(plain)], 'log'),
    [],
  )
})

function outsideAudit(log: string): string {
  const lines = log.split('\n').filter((line) => !line.includes('"stream":"audit"'))
  assert.ok(lines.length > 1 && lines.length < log.split('\n').length, 'both streams say something')
  return lines.join('\n')
}

function wordsOf(words: readonly string[]): Words {
  const [database = '', certificate = ''] = words
  return {
    ...{ database, certificate },
    collections: words.slice(2, 10),
    ids: words.slice(10, 28),
    properties: words.slice(28, 46),
    values: words.slice(46, 64),
  }
}

function documentWords({ collections, ids, properties, values }: Words): string[] {
  return [...collections, ...ids, ...properties, ...values]
}

function all(words: Words): string[] {
  return [words.database, words.certificate, ...documentWords(words)]
}

function missing(findings: readonly Finding[], words: Words): string[] {
  const found = new Set(findings.map(({ canary }) => canary))
  return documentWords(words).filter((word) => !found.has(word))
}

/** Everything that could carry a word somewhere: writes, changes, deletes, queries, refusals and failures. */
async function live(admin: Caller, words: Words): Promise<void> {
  const { database, ids, collections } = words
  const documents = ids.map((id, n) => ({ id: `${id}/${n}`, text: documentText(words, n) }))
  await putBatch(admin, database, documents.slice(0, 9))
  for (const document of documents.slice(9)) await putDocument(admin, database, document)
  await putDocument(admin, database, documents[0] ?? { id: '', text: '' })
  await putDocument(admin, database, { id: `${ids[1]}/gone`, text: documentText(words, 1) })
  succeeded(await admin.delete(docsPath(database, `${ids[1]}/gone`)))
  for (const collection of collections)
    succeeded(await admin.post(`/databases/${database}/queries`, { Query: `from '${collection}'` }))
  await admin.get(docsPath(database, `${ids[2]}/absent`))
  await admin.put(docsPath(database, ids[3] ?? ''), `{"${words.properties[3]}": broken`)
  await admin.call({
    method: 'PUT',
    path: docsPath(database, documents[4]?.id ?? ''),
    body: documentText(words, 4),
    headers: { 'if-match': '"A:1-wrong"' },
  })
  await admin.post(`/databases/${database}/queries`, {
    Query: `from '${collections[0]}' where ${words.properties[0]} = '${words.values[0]}'`,
  })
  await admin.get(`/databases/${database}-absent/docs?id=${ids[0]}`)
  const user = await clientCredentials(await authority('at rest'), {
    commonName: words.certificate,
  })
  await register(admin, {
    name: words.certificate,
    der: user.der,
    permissions: { [database]: 'Read' },
  })
  succeeded(
    await admin.post('/admin/certificates', {
      Name: `${words.certificate}2`,
      SecurityClearance: 'ValidUser',
      Permissions: { [database]: 'Read' },
      Password: password,
    }),
  )
}

function documentText({ collections, properties, values }: Words, n: number): string {
  const [collection, property, value] = [collections[n % 8], properties[n], values[n]]
  const long = n === 5 ? ` ${`${value} `.repeat(2000)}` : ''
  return `{"${property}":"${value}${long}","nested":{"${property}":["${value}"]},"@metadata":{"@collection":"${collection}","${property}":"${value}"}}`
}

interface Secret {
  readonly name: string
  readonly bytes: Buffer
}

/** The database's key and the master key, as they are and as they are written, and the password. */
function secretsOf(folder: string, databaseKey: Buffer): Secret[] {
  const master = filesBelow(path.join(folder, 'keys')).map((file) =>
    readFileSync(path.join(folder, 'keys', file)),
  )
  assert.ok(master.length > 0, 'no master key below keys/')
  const forms = (name: string, key: Buffer): Secret[] => [
    { name, bytes: key },
    { name: `${name} in base64`, bytes: Buffer.from(key.toString('base64').slice(0, 42)) },
    { name: `${name} in hexadecimal`, bytes: Buffer.from(key.toString('hex')) },
  ]
  return [
    ...forms("the database's key", databaseKey),
    ...master.flatMap((key) => forms('the master key', key)),
    { name: 'the password', bytes: Buffer.from(password) },
  ]
}

function keysOnDisk(folder: string, secrets: readonly Secret[]): string[] {
  return filesBelow(folder)
    .filter((file) => !file.startsWith('keys/'))
    .flatMap((file) => searchBytes(readFileSync(path.join(folder, file)), secrets, file))
}

function searchBytes(bytes: Buffer, secrets: readonly Secret[], place: string): string[] {
  return secrets
    .filter((secret) => bytes.includes(secret.bytes))
    .map(({ name }) => `${name} in ${place}`)
}

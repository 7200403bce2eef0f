/** Input as nobody should send it: a coded error each time, the process alive, and the next request fine. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { codeOf, createDatabase, docsPath, isCoded, putDocument } from '#test/support/api.ts'
import type { Answer, Call, Caller } from '#test/support/caller.ts'
import { temporaryFolder } from '#test/support/file-tree.ts'
import { rawTcp, rawTls } from '#test/support/raw-request.ts'
import { readAll } from '#test/support/reading.ts'
import { type ServerProcess, startServer } from '#test/support/server-process.ts'

const good = { id: 'good/1', text: '{"fine":true}' }
const folder = temporaryFolder('bad-input')
let server: ServerProcess
let admin: Caller
before(async () => {
  server = await startServer({ folder: folder.path })
  admin = server.caller()
  await createDatabase(admin, 'input')
  await putDocument(admin, 'input', good)
})
after(async () => {
  await admin[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const deep = (levels: number): string => `${'{"d":'.repeat(levels)}1${'}'.repeat(levels)}`
const surrogate = Buffer.concat([
  Buffer.from('{"a":"'),
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.from('"}'),
])
const truncated = Buffer.concat([
  Buffer.from('{"a":"'),
  Buffer.from([0xe2, 0x82]),
  Buffer.from('"}'),
])
const overlong = Buffer.concat([
  Buffer.from('{"a":"'),
  Buffer.from([0xc0, 0xaf]),
  Buffer.from('"}'),
])

/** Bodies that are no document. */
const noDocuments: Readonly<Record<string, string | Buffer>> = {
  'an empty body': '',
  'white space': ' \r\n',
  'a word': 'hello',
  'an array': '[]',
  'a number': '1',
  null: 'null',
  'a string': '"text"',
  'an object without end': '{"a":1',
  'a string without end': '{"a":"b',
  'a trailing comma': '{"a":1,}',
  'a missing comma': '{"a":1 "b":2}',
  'a missing colon': '{"a" 1}',
  'a missing value': '{"a":}',
  'a key without quotes': '{a:1}',
  'single quotes': "{'a':1}",
  'a comment': '{"a":1/* no */}',
  'bytes after the end': '{"a":1}x',
  'a second object': '{"a":1}{"b":2}',
  'a closing brace too many': '{"a":1}}',
  'a bracket for a brace': '{"a":[1}',
  'a leading zero': '{"a":01}',
  'a plus sign': '{"a":+1}',
  'a bare point': '{"a":.5}',
  'a point without digits': '{"a":1.}',
  'an exponent without digits': '{"a":1e}',
  hexadecimal: '{"a":0x10}',
  NaN: '{"a":NaN}',
  Infinity: '{"a":-Infinity}',
  True: '{"a":True}',
  'a raw line break in a string': '{"a":"x\ny"}',
  'a raw NUL in a string': '{"a":"x\0y"}',
  'an unknown escape': '{"a":"\\x41"}',
  'a short unicode escape': '{"a":"\\u12"}',
  'duplicate keys': '{"a":1,"a":2}',
  'duplicate keys, one escaped': '{"a":1,"\\u0061":2}',
  'nested duplicate keys': '{"o":[{"a":1,"b":2,"a":3}]}',
  'two metadatas': '{"@metadata":{},"@metadata":{}}',
  'a byte order mark': Buffer.from('\ufeff{"a":1}'),
  'a surrogate in UTF-8': surrogate,
  'a character cut short': truncated,
  'an overlong character': overlong,
  'a lone continuation byte': Buffer.from([0x7b, 0x22, 0x80, 0x22, 0x3a, 0x31, 0x7d]),
  'UTF-16': Buffer.from('{"a":1}', 'utf16le'),
  'random bytes': randomBytes(1000),
  'nesting of 600 levels': deep(600),
  'nesting of a million brackets': `{"a":${'['.repeat(1_000_000)}`,
}

for (const [name, body] of Object.entries(noDocuments))
  test(`a document of ${name} is refused`, async () => {
    await refused(await admin.put(docsPath('input', 'bad/1'), body), 400)
    const command = Buffer.concat([
      Buffer.from('{"Commands":[{"Type":"PUT","Id":"bad/1","Document":'),
      Buffer.from(body),
      Buffer.from('}]}'),
    ])
    await refused(await admin.post('/databases/input/bulk_docs', command))
    assert.equal((await admin.get(docsPath('input', 'bad/1'))).status, 404)
  })

const names = [
  '.',
  '..',
  '...',
  'a/b',
  'a\\b',
  '/etc',
  '../up',
  'a'.repeat(129),
  'tab\tname',
  'nul\0name',
  'line\nbreak',
  '',
  ' ',
  'a:b',
  'a*b',
  'a?b',
  '.hidden',
  'ends.',
  'CON',
  '\u202eabc',
]
for (const name of names)
  test(`a database called ${JSON.stringify(name.slice(0, 20))} is refused`, async () => {
    await refused(
      await admin.put(`/admin/databases?name=${encodeURIComponent(name)}`, { DatabaseName: name }),
      400,
    )
  })

const batches: Readonly<Record<string, unknown>> = {
  'no commands': {},
  'commands that are no list': { Commands: {} },
  'a command that is no object': { Commands: [1] },
  'a metadata that is no object': {
    Commands: [{ Type: 'PUT', Id: 'bad/1', Document: { '@metadata': 7 } }],
  },
  'an unknown type': { Commands: [{ Type: 'EXPLODE', Id: 'bad/1' }] },
  'no type': { Commands: [{ Id: 'bad/1', Document: {} }] },
  'no document': { Commands: [{ Type: 'PUT', Id: 'bad/1' }] },
  'an id that is a number': { Commands: [{ Type: 'PUT', Id: 1, Document: {} }] },
  'an id that is too long': { Commands: [{ Type: 'PUT', Id: 'x'.repeat(600), Document: {} }] },
  'a good command before a bad one': {
    Commands: [
      { Type: 'PUT', Id: 'bad/1', Document: {} },
      { Type: 'PUT', Id: 'bad/2' },
    ],
  },
}
for (const [name, body] of Object.entries(batches))
  test(`a batch with ${name} is refused as a whole`, async () => {
    await refused(await admin.post('/databases/input/bulk_docs', body))
    assert.equal((await admin.get(docsPath('input', 'bad/1'))).status, 404)
  })

const calls: Readonly<Record<string, Call>> = {
  'a negative limit': {
    method: 'POST',
    path: '/databases/input/queries',
    body: '{"Query":"from @all_docs limit -1, 5"}',
  },
  'a page size that is a word': { method: 'GET', path: '/databases/input/docs?pageSize=ten' },
  'a page size beyond all numbers': {
    method: 'GET',
    path: '/databases/input/docs?pageSize=99999999999999999999',
  },
  'a fraction': { method: 'GET', path: '/databases/input/docs?start=1.5' },
  'an id that is too long': { method: 'GET', path: docsPath('input', 'x'.repeat(513)) },
  'no id to put': { method: 'PUT', path: '/databases/input/docs', body: '{}' },
  'an empty id to put': { method: 'DELETE', path: '/databases/input/docs?id=' },
  'an unknown route': { method: 'GET', path: '/nowhere' },
  'a route of a database that is unknown': { method: 'GET', path: '/databases/input/nowhere' },
  'an unknown verb on a route': { method: 'PATCH', path: '/databases' },
  'a RESET of a route that has none': { method: 'RESET', path: '/databases/input/docs' },
  'a query that is no RQL': {
    method: 'POST',
    path: '/databases/input/queries',
    body: '{"Query":"select from where"}',
  },
  'a query without text': { method: 'POST', path: '/databases/input/queries', body: '{}' },
  'a query that is too long': {
    method: 'POST',
    path: '/databases/input/queries',
    body: JSON.stringify({ Query: `from a where ${'x'.repeat(70_000)}` }),
  },
  'a query that is not supported': {
    method: 'POST',
    path: '/databases/input/queries',
    body: '{"Query":"from A where b = 1"}',
  },
  'a certificate that is none': {
    method: 'PUT',
    path: '/admin/certificates',
    body: '{"Name":"x","Certificate":"AAAA"}',
  },
  'a certificate request of garbage': {
    method: 'POST',
    path: '/admin/certificates',
    body: '{"Name":',
  },
  'a clearance that does not exist': {
    method: 'POST',
    path: '/admin/certificates',
    body: '{"Name":"x","SecurityClearance":"God","Permissions":{}}',
  },
  'a secret key of the wrong length': {
    method: 'POST',
    path: '/admin/secrets?name=input2',
    body: 'AAAA',
  },
  'a secret key that is no base64': {
    method: 'POST',
    path: '/admin/secrets?name=input2',
    body: '!'.repeat(44),
  },
}
for (const [name, call] of Object.entries(calls))
  test(`a request with ${name} is refused`, async () => {
    await refused(await admin.call(call))
  })

test('a body over the limit is refused, before it has all arrived', async () => {
  const huge = `PUT /admin/certificates HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9999999999\r\n\r\n{"a":"`
  assert.match(await rawTls(server, huge), /^HTTP\/1\.1 413 [\s\S]*"Type":"/)
  await refused(
    await admin
      .put('/admin/certificates', `{"Name":"${'x'.repeat(5_000_000)}"}`)
      .catch(() => undefined),
    413,
  )
})

const types = [
  'text/plain',
  'application/octet-stream',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  '',
  'nonsense',
  ';;;',
  'text/json; charset=utf-16',
]
for (const type of types)
  test(`a document labelled ${JSON.stringify(type)} is taken as the JSON that it is`, async () => {
    const answer = await admin.put(docsPath('input', 'labelled'), '{"a":1}', {
      'content-type': type,
    })
    assert.equal(answer.status, 201, answer.text)
    await fine()
  })

const rawRequests: Readonly<Record<string, string | Buffer>> = {
  'headers of 40 KB': `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(40_000)}\r\n\r\n`,
  '10,000 headers': `GET / HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(10_000)}\r\n`,
  'a URL of 100 KB': `GET /${'x'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
  'an unknown verb': 'EXPLODE / HTTP/1.1\r\nHost: x\r\n\r\n',
  'a verb in small letters': 'get / HTTP/1.1\r\nHost: x\r\n\r\n',
  'a RESET without an end': 'RESET /databases/input/indexes',
  'a space in the URL': 'GET /a b HTTP/1.1\r\nHost: x\r\n\r\n',
  'a NUL in the URL': 'GET /a\0b HTTP/1.1\r\nHost: x\r\n\r\n',
  'a broken percent escape': 'GET /databases/input/docs?id=%ZZ%E0%A4 HTTP/1.1\r\nHost: x\r\n\r\n',
  'two lengths':
    'PUT /databases/input/docs?id=x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
  'a negative length':
    'PUT /databases/input/docs?id=x HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n{}',
  'a length and chunks':
    'PUT /databases/input/docs?id=x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'a broken chunk':
    'PUT /databases/input/docs?id=x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n',
  'random bytes': randomBytes(2000),
  'the start of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
}
for (const [name, bytes] of Object.entries(rawRequests))
  test(`${name} over TLS does no harm`, async () => {
    const answer = await rawTls(server, bytes)
    assert.doesNotMatch(answer, /^HTTP\/1\.1 [235]/, 'no success, and no mistake of the server')
    await fine()
  })

const halves = [
  'G',
  'GET / HTTP/1.1\r\n',
  'PUT /databases/input/docs?id=half HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"a":',
  'PUT /databases/input/docs?id=half HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a":',
]
for (const [index, half] of halves.entries())
  test(`half a request does no harm (${index + 1})`, async () => {
    await rawTls(server, half, { half: true })
    await rawTls(server, half, { quietMs: 100 })
    assert.equal((await admin.get(docsPath('input', 'half'))).status, 404)
    await fine()
  })

const notTls: Readonly<Record<string, string | Buffer>> = {
  'plain HTTP': 'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
  'random bytes': randomBytes(3000),
  'a TLS record of nonsense': Buffer.concat([
    Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00]),
    randomBytes(512),
  ]),
  'half a TLS record': Buffer.from([0x16, 0x03, 0x01]),
  nothing: '',
}
for (const [name, bytes] of Object.entries(notTls))
  test(`${name} on the TLS port does no harm`, async () => {
    await rawTcp(server, bytes, { quietMs: 200 })
    await rawTcp(server, bytes, { half: true })
    await fine()
  })

test('200 connections that say nothing keep nobody out', async () => {
  const idle = Promise.all(Array.from({ length: 200 }, () => rawTcp(server, '', { quietMs: 1500 })))
  await fine()
  await idle
})

/** Fails unless the answer is a coded error that is not a mistake of the server; nothing where the server cut the connection off. */
async function refused(answer: Answer | undefined, status?: number): Promise<void> {
  if (answer !== undefined) {
    const what = `${answer.status} ${codeOf(answer)} ${answer.text.slice(0, 300)}`
    assert.ok(isCoded(answer), what)
    if (status !== undefined) assert.equal(answer.status, status, what)
  }
  await fine()
}

/** The server lives and answers the next request. */
async function fine(): Promise<void> {
  assert.ok(server.alive, server.log().slice(-2000))
  await readAll(admin, 'input', [good])
}

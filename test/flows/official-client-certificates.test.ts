/** The official client's certificate operations, and how it is refused where it should be. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { unzipSync } from 'fflate'
import {
  CreateClientCertificateOperation,
  CreateDatabaseOperation,
  DeleteCertificateOperation,
  type DocumentStore,
  EditClientCertificateOperation,
  GetCertificateMetadataOperation,
  GetCertificateOperation,
  GetCertificatesOperation,
  type IAuthOptions,
  PutClientCertificateOperation,
} from 'ravendb'
import { temporaryFolder } from '#test/support/file-tree.ts'
import { adminCredentials, openStore, pemCredentials } from '#test/support/official-client.ts'
import {
  type Authority,
  authority,
  type Credentials,
  clientCredentials,
} from '#test/support/pki.ts'
import { type ServerProcess, startServer } from '#test/support/server-process.ts'

const database = 'shop'
const folder = temporaryFolder('official-certificates')
let server: ServerProcess
let admin: DocumentStore & Disposable
let own: Authority

before(async () => {
  server = await startServer({ folder: folder.path })
  admin = openStore(server, database, adminCredentials(server, 'pfx'))
  own = await authority('somebody else')
  await admin.maintenance.server.send(new CreateDatabaseOperation({ databaseName: database }))
  const session = admin.openSession()
  await session.store({ name: 'one' }, 'things/1')
  await session.saveChanges()
})
after(async () => {
  admin[Symbol.dispose]()
  await server[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

test('official client without a certificate is refused, whether it knows our authority or not', async () => {
  const own = getCACertificates('default')
  for (const trusted of [own, [...own, server.ca]]) {
    setDefaultCACertificates(trusted)
    using store = openStore(server, database)
    await assert.rejects(store.openSession().load('things/1'), { name: 'AuthorizationException' })
  }
  setDefaultCACertificates(own)
})

test('official client with an unknown certificate is refused', async () => {
  using store = openStore(
    server,
    database,
    pemCredentials(server, await clientCredentials(own, { commonName: 'stranger' })),
  )
  await assert.rejects(store.openSession().load('things/1'), {
    name: 'AuthorizationException',
    message: /Forbidden access to /,
  })
})

for (const password of [undefined, 'correct horse']) {
  test(`official client creates a certificate ${password === undefined ? 'without' : 'with'} password and works with its PFX`, async () => {
    const made = await create('made', 'ReadWrite', password)
    using store = openStore(server, database, made.pfx)
    await write(store, 'things/made')
    assert.equal((await admin.openSession().load<{ name: string }>('things/made'))?.name, 'written')
    if (password === undefined) return
    using wrong = openStore(server, database, { ...made.pfx, password: 'wrong' })
    await assert.rejects(wrong.openSession().load('things/1'))
  })
}

test('official client puts, gets, lists, edits and deletes certificates', async () => {
  const shop = await clientCredentials(own, { commonName: 'shop' })
  const { server: operations } = admin.maintenance
  await put('shop', shop, { [database]: 'Read' })
  const definition = await operations.send(new GetCertificateOperation(shop.thumbprint))
  assert.deepEqual(
    [definition.name, definition.securityClearance, definition.permissions, definition.certificate],
    ['shop', 'ValidUser', { [database]: 'Read' }, shop.der],
  )
  const listed = await operations.send(new GetCertificatesOperation(0, 100))
  assert.ok(listed.some(({ thumbprint }) => thumbprint === shop.thumbprint))

  const edit = {
    thumbprint: shop.thumbprint,
    name: 'renamed',
    clearance: 'Operator',
    permissions: {},
  } as const
  await operations.send(new EditClientCertificateOperation(edit))
  const metadata = await operations.send(new GetCertificateMetadataOperation(shop.thumbprint))
  assert.deepEqual([metadata.name, metadata.securityClearance], ['renamed', 'Operator'])

  await operations.send(new DeleteCertificateOperation(shop.thumbprint))
  assert.equal(await operations.send(new GetCertificateOperation(shop.thumbprint)), undefined)
  await assert.rejects(
    operations.send(new DeleteCertificateOperation('00'.repeat(20))),
    /Cannot delete the certificate with thumbprint "0000/,
  )
})

test('official client with a Read certificate reads and cannot write', async () => {
  const reader = await clientCredentials(own, { commonName: 'reader' })
  await put('reader', reader, { [database]: 'Read' })
  using store = openStore(server, database, pemCredentials(server, reader))
  assert.equal((await store.openSession().load<{ name: string }>('things/1'))?.name, 'one')
  assert.ok((await store.openSession().query({ collection: '@empty' }).all()).length >= 0)
  await assert.rejects(write(store, 'things/forbidden'), { name: 'AuthorizationException' })
  assert.equal(await admin.openSession().load('things/forbidden'), null)
})

test('official client gets the same refusal for a foreign database and for one that does not exist', async () => {
  const guest = await clientCredentials(own, { commonName: 'guest' })
  await put('guest', guest, {})
  const messages: string[] = []
  for (const name of [database, 'nowhere']) {
    using store = openStore(server, name, pemCredentials(server, guest))
    await assert.rejects(store.openSession().load('things/1'), (error: Error) => {
      messages.push(error.message.replaceAll(name, '<name>'))
      return error.name === 'AuthorizationException'
    })
  }
  assert.equal(messages[0], messages[1])
})

test('official client is refused at its next request when its certificate is narrowed or deleted', async () => {
  const program = await clientCredentials(own, { commonName: 'program' })
  const { server: operations } = admin.maintenance
  await put('program', program, { [database]: 'ReadWrite' })
  using store = openStore(server, database, pemCredentials(server, program))
  await write(store, 'things/before')

  const narrowed = {
    thumbprint: program.thumbprint,
    name: 'program',
    clearance: 'ValidUser',
    permissions: { [database]: 'Read' },
  } as const
  await operations.send(new EditClientCertificateOperation(narrowed))
  await assert.rejects(write(store, 'things/after'), { name: 'AuthorizationException' })
  assert.ok(await store.openSession().load('things/before'))

  await operations.send(new DeleteCertificateOperation(program.thumbprint))
  await assert.rejects(store.openSession({ noCaching: true }).load('things/before'), {
    name: 'AuthorizationException',
  })
  await assert.rejects(store.openSession().load('things/before'), {
    name: 'AuthorizationException',
  })
})

async function put(
  name: string,
  { der }: Credentials,
  permissions: Record<string, 'Read' | 'ReadWrite' | 'Admin'>,
): Promise<void> {
  await admin.maintenance.server.send(
    new PutClientCertificateOperation(name, der, permissions, 'ValidUser'),
  )
}

async function create(
  name: string,
  access: 'Read' | 'ReadWrite',
  password?: string,
): Promise<{ readonly pfx: IAuthOptions }> {
  const operation = new CreateClientCertificateOperation(
    name,
    { [database]: access },
    'ValidUser',
    password,
  )
  const { rawData } = await admin.maintenance.server.send(operation)
  const pfx = Object.entries(unzipSync(rawData)).find(([file]) => file.endsWith('.pfx'))?.[1]
  if (pfx === undefined) assert.fail('no PFX in the zip')
  return {
    pfx: {
      type: 'pfx',
      certificate: Buffer.from(pfx),
      ca: server.ca,
      ...(password === undefined ? {} : { password }),
    },
  }
}

async function write(store: DocumentStore, id: string): Promise<void> {
  const session = store.openSession()
  await session.store({ name: 'written' }, id)
  await session.saveChanges()
}

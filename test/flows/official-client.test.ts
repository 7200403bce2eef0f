/** The unmodified official client works on a sealed database, with a PFX and with a PEM. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  CreateDatabaseOperation,
  DeleteDatabasesOperation,
  type DocumentStore,
  GetDatabaseNamesOperation,
  GetDatabaseRecordOperation,
  GetStatisticsOperation,
} from 'ravendb'
import { temporaryFolder } from '#test/support/file-tree.ts'
import { adminCredentials, openStore, watchAnswers } from '#test/support/official-client.ts'
import { type ServerProcess, startServer } from '#test/support/server-process.ts'

class Company {
  id?: string
  name: string
  constructor(name: string) {
    this.name = name
  }
}

class Order {
  id?: string
  company: string
  total: number
  lines: { product: string; price: number }[] = []
  constructor(company: string, total: number) {
    this.company = company
    this.total = total
  }
}

const folder = temporaryFolder('official-client')
let server: ServerProcess
before(async () => {
  server = await startServer({ folder: folder.path })
})
after(async () => {
  await server[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

for (const type of ['pfx', 'pem'] as const) {
  const database = `Orders.${type}`

  test(`official client with ${type}: database, HiLo ids, store, load, include, query, delete`, async () => {
    using store = openStore(server, database, adminCredentials(server, type))
    await createsEncryptedDatabase(store, database)
    await storesWithHiloIds(store)
    await loadsWithIncludes(store)
    await queries(store)
    await deletes(store)
    await deletesDatabase(store, database)
  })

  test(`official client with ${type}: a second load of the same document is a 304`, async () => {
    using store = openStore(server, `cache-${type}`, adminCredentials(server, type))
    await store.maintenance.server.send(
      new CreateDatabaseOperation({ databaseName: `cache-${type}` }),
    )
    await storeOne(store, 'companies/cached', new Company('Cached'))
    using answers = watchAnswers()
    for (let turn = 0; turn < 2; turn++) {
      const session = store.openSession()
      assert.equal((await session.load<Company>('companies/cached'))?.name, 'Cached')
    }
    const statuses = answers.seen
      .filter(({ path }) => path.includes('companies%2Fcached'))
      .map(({ status }) => status)
    assert.deepEqual(statuses, [200, 304])
  })

  test(`official client with ${type}: who overwrites what another has changed gets a conflict`, async () => {
    using store = openStore(server, `conflict-${type}`, adminCredentials(server, type))
    await store.maintenance.server.send(
      new CreateDatabaseOperation({ databaseName: `conflict-${type}` }),
    )
    await storeOne(store, 'companies/1', new Company('first'))
    const [mine, other] = [store.openSession(), store.openSession()]
    for (const session of [mine, other]) session.advanced.useOptimisticConcurrency = true
    const [seenByMe, seenByOther] = [
      await mine.load<Company>('companies/1'),
      await other.load<Company>('companies/1'),
    ]
    if (seenByMe === null || seenByOther === null) assert.fail('the document is missing')
    seenByMe.name = 'mine'
    await mine.saveChanges()
    seenByOther.name = 'other'
    await assert.rejects(other.saveChanges(), { name: 'ConcurrencyException' })

    const creating = store.openSession()
    creating.advanced.useOptimisticConcurrency = true
    await creating.store(new Company('again'), 'companies/1')
    await assert.rejects(creating.saveChanges(), { name: 'ConcurrencyException' })
    assert.equal((await store.openSession().load<Company>('companies/1'))?.name, 'mine')
  })
}

test('official client: a missing database is told as such, on load, query and store', async () => {
  using store = openStore(server, 'nowhere', adminCredentials(server, 'pfx'))
  const wanted = { name: 'DatabaseDoesNotExistException' }
  await assert.rejects(store.openSession().load('a/1'), wanted)
  await assert.rejects(store.openSession().query({ collection: 'Companies' }).all(), wanted)
  await assert.rejects(storeOne(store, 'a/1', new Company('a')), wanted)
})

async function createsEncryptedDatabase(store: DocumentStore, database: string): Promise<void> {
  await store.maintenance.server.send(
    new CreateDatabaseOperation({ databaseName: database, encrypted: true }),
  )
  const names = await store.maintenance.server.send(new GetDatabaseNamesOperation(0, 100))
  assert.ok(names.includes(database))
  const record = await store.maintenance.server.send(new GetDatabaseRecordOperation(database))
  assert.equal(record.encrypted, true)
  await assert.rejects(
    store.maintenance.server.send(new CreateDatabaseOperation({ databaseName: database })),
    { name: 'ConcurrencyException' },
  )
}

async function storesWithHiloIds(store: DocumentStore): Promise<void> {
  const session = store.openSession()
  const companies = [new Company('Zürich & Söhne'), new Company('東京 😀')]
  for (const company of companies) await session.store(company)
  await session.saveChanges()
  assert.deepEqual(
    companies.map(({ id }) => id),
    ['companies/1-A', 'companies/2-A'],
  )

  const orders = Array.from({ length: 40 }, (_, n) => new Order(`companies/${(n % 2) + 1}-A`, n))
  for (const order of orders) await session.store(order)
  await session.saveChanges()
  assert.equal(orders.at(-1)?.id, 'orders/40-A', 'two ranges of 32')
  assert.match(String(session.advanced.getChangeVectorFor(orders[0] ?? {})), /^A:\d+-/)

  const change = store.openSession()
  const first = await change.load<Order>('orders/1-A')
  if (first === null) assert.fail('orders/1-A is missing')
  first.lines.push({ product: 'products/1', price: 12.5 })
  await change.saveChanges()
  const statistics = await store.maintenance.send(new GetStatisticsOperation())
  assert.equal(statistics.countOfDocuments, 2 + 40 + 2, 'with the two HiLo documents')
}

async function loadsWithIncludes(store: DocumentStore): Promise<void> {
  const session = store.openSession()
  const order = await session.include('company').load<Order>('orders/1-A')
  assert.deepEqual(order?.lines, [{ product: 'products/1', price: 12.5 }])
  const requests = session.advanced.numberOfRequests
  assert.equal((await session.load<Company>(order?.company ?? ''))?.name, 'Zürich & Söhne')
  assert.equal(session.advanced.numberOfRequests, requests, 'it came with the order')

  const many = await session.load<Order>(['orders/2-A', 'orders/none', 'orders/3-A'])
  assert.deepEqual(
    [many['orders/2-A']?.total, many['orders/none'], many['orders/3-A']?.total],
    [1, null, 2],
  )
  assert.equal(await session.load('orders/none'), null)
  assert.equal(await session.advanced.exists('orders/4-A'), true)
  const started = await session.advanced.loadStartingWith<Order>('orders/1', {
    start: 0,
    pageSize: 5,
  })
  assert.deepEqual(
    started.map(({ id }) => id),
    ['orders/1-A', 'orders/10-A', 'orders/11-A', 'orders/12-A', 'orders/13-A'],
  )
}

async function queries(store: DocumentStore): Promise<void> {
  const session = store.openSession()
  const all = await session.query<Order>({ collection: 'Orders' }).all()
  assert.equal(all.length, 40)
  const byId = await session
    .query<Order>({ collection: 'Orders' })
    .whereEquals('id', 'orders/7-A')
    .all()
  assert.deepEqual(
    byId.map(({ total }) => total),
    [6],
  )
  const among = await session
    .query<Order>({ collection: 'Orders' })
    .whereIn('id', ['orders/8-A', 'orders/9-A', 'orders/none'])
    .all()
  assert.deepEqual(among.map(({ total }) => total).sort(), [7, 8])
  const starting = await session
    .query<Order>({ collection: 'Orders' })
    .whereStartsWith('id', 'orders/3')
    .all()
  assert.equal(starting.length, 11, '3 and 30 to 39')
  const pages = [0, 15, 30].map((skip) =>
    session.query<Order>({ collection: 'Orders' }).orderBy('id').skip(skip).take(15).all(),
  )
  const paged = (await Promise.all(pages)).flat().map(({ id }) => id)
  assert.deepEqual([paged.length, new Set(paged).size], [40, 40])
  assert.equal(await session.query({ collection: 'Companies' }).count(), 2)
  assert.equal((await session.query({}).all()).length, 44, 'all documents')
}

async function deletes(store: DocumentStore): Promise<void> {
  const session = store.openSession()
  await session.delete('orders/1-A')
  await session.delete('orders/none')
  await session.saveChanges()
  assert.equal(await store.openSession().load('orders/1-A'), null)
  const statistics = await store.maintenance.send(new GetStatisticsOperation())
  assert.equal(statistics.countOfDocuments, 43)
}

async function deletesDatabase(store: DocumentStore, database: string): Promise<void> {
  await store.maintenance.server.send(
    new DeleteDatabasesOperation({ databaseNames: [database], hardDelete: true }),
  )
  const names = await store.maintenance.server.send(new GetDatabaseNamesOperation(0, 100))
  assert.ok(!names.includes(database))
  await assert.rejects(store.openSession().load('companies/1-A'), {
    name: 'DatabaseDoesNotExistException',
  })
}

async function storeOne(store: DocumentStore, id: string, entity: object): Promise<void> {
  const session = store.openSession()
  await session.store(entity, id)
  await session.saveChanges()
}

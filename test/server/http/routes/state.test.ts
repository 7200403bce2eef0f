import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { Compile } from 'typebox/compile'
import type { OrderFigures } from '#server/acme/ordering.ts'
import { stateRoutes } from '#server/http/routes/state.ts'
import { systemErrors } from '#server/system/errors.ts'
import { serverStateSchema } from '#shared/contract/state.ts'
import { posted, startCatalog } from '#test/support/catalog.ts'
import { authority } from '#test/support/certificates.ts'
import { routeServer } from '#test/support/route-server.ts'

const nothingServed = () => ({ internal: undefined, public: undefined })
const noOrder = () => undefined

test('stateRoutes() tell what the store is, what it holds and what is served', async () => {
  await using started = await startCatalog()
  const { catalog, store } = started
  await catalog.create(posted('orders'))
  await catalog.create(posted('plain', { Encrypted: false }))
  await catalog.setDisabled('plain', true)
  const { certificate } = await authority()
  const served = () => ({ internal: certificate, public: undefined })
  const masterKeys = { loaded: ['active', 'old'], needed: 'active', removable: ['old'] }
  const parts = { store: { system: store.system, masterKeys }, catalog, served, order: noOrder }
  await using server = await routeServer(stateRoutes(parts))
  const state = (await server.inject('/admin/strongroom/state')).json()
  assert(Compile(serverStateSchema).Check(state))
  const { version } = JSON.parse(await readFile('package.json', 'utf8'))
  const [orders, plain] = catalog.list().map(({ record }) => record.id)
  assert.deepEqual(state, {
    StoreId: store.system.id,
    StoreCommit: store.system.commit,
    Version: version,
    MasterKeyIds: ['active', 'old'],
    NeededMasterKeyId: 'active',
    RemovableMasterKeyIds: ['old'],
    Databases: [
      { Name: 'orders', Id: orders, Encrypted: true, Disabled: false, Quarantine: null },
      { Name: 'plain', Id: plain, Encrypted: false, Disabled: true, Quarantine: null },
    ],
    Serves: { Internal: certificate.sha256, Public: null },
  })
})

test('stateRoutes() name the error that keeps a database from serving', async () => {
  const record = { name: 'orders', id: 'AAAAAAAAAAAAAAAAAAAAAA', encrypted: true, disabled: false }
  const quarantine = systemErrors.DatabaseFilesMissing('orders', 'folder')
  const catalog = { list: () => [{ record }], state: () => ({ open: undefined, quarantine }) }
  const masterKeys = { loaded: [], needed: undefined, removable: [] }
  const store = { system: { id: 'AAAAAAAAAAAAAAAAAAAAAA', commit: 7 }, masterKeys }
  const parts = { store, catalog: catalog as never, served: nothingServed, order: noOrder }
  await using server = await routeServer(stateRoutes(parts))
  const state = (await server.inject('/admin/strongroom/state')).json()
  assert.equal(state.Databases[0].Quarantine, 'DatabaseFilesMissing')
  assert.deepEqual(state.Serves, { Internal: null, Public: null })
})

test('stateRoutes() count commits that were made, and none while nothing is written', async () => {
  await using started = await startCatalog()
  const { catalog, store } = started
  await catalog.create(posted('orders'))
  await using server = await routeServer(
    stateRoutes({ store, catalog, served: nothingServed, order: noOrder }),
  )
  const commit = async () => (await server.inject('/admin/strongroom/state')).json().StoreCommit
  await started.anchors.flush()
  const before = await commit()
  await started.anchors.flush()
  assert.equal(await commit(), before)
  await catalog.create(posted('more'))
  assert((await commit()) > before)
})

test('stateRoutes() tell what the order of a server certificate does, and what stands in its way', async () => {
  await using started = await startCatalog()
  const problem = { type: 'caa', detail: 'CAA forbids it', name: 'vault.example.com' }
  const figures = { renewAt: 0, againAt: 1_000, failures: 2, problem }
  const order = { now: figures as OrderFigures }
  const parts = { ...started, served: nothingServed, order: () => order.now }
  await using server = await routeServer(stateRoutes(parts))
  const told = async () => {
    const state = (await server.inject('/admin/strongroom/state')).json()
    assert(Compile(serverStateSchema).Check(state))
    return state.Order
  }
  assert.deepEqual(await told(), {
    RenewAt: '1970-01-01T00:00:00.000Z',
    AgainAt: '1970-01-01T00:00:01.000Z',
    Failures: 2,
    Problem: { Type: 'caa', Detail: 'CAA forbids it', Name: 'vault.example.com' },
  })
  order.now = { renewAt: undefined, againAt: 0, failures: 0, problem: undefined }
  assert.deepEqual((await told())?.RenewAt, null)
  assert.deepEqual((await told())?.Problem, null)
})

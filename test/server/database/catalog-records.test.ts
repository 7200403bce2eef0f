import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changedDatabase, newDatabase, revivedDatabase } from '#server/database/catalog-records.ts'
import { hasCode } from '#shared/errors.ts'
import { posted, startCatalog } from '#test/support/catalog.ts'

interface Case {
  readonly encrypted: boolean | undefined
  readonly secured: boolean
  readonly required: boolean
  readonly outcome: 'encrypted' | 'plain' | 'EncryptionNeedsHttps' | 'EncryptionRequired'
}

const cases: readonly Case[] = [
  { encrypted: undefined, secured: true, required: false, outcome: 'encrypted' },
  { encrypted: undefined, secured: true, required: true, outcome: 'encrypted' },
  { encrypted: undefined, secured: false, required: false, outcome: 'plain' },
  { encrypted: undefined, secured: false, required: true, outcome: 'EncryptionRequired' },
  { encrypted: true, secured: true, required: false, outcome: 'encrypted' },
  { encrypted: true, secured: true, required: true, outcome: 'encrypted' },
  { encrypted: true, secured: false, required: false, outcome: 'EncryptionNeedsHttps' },
  { encrypted: true, secured: false, required: true, outcome: 'EncryptionNeedsHttps' },
  { encrypted: false, secured: true, required: false, outcome: 'plain' },
  { encrypted: false, secured: true, required: true, outcome: 'EncryptionRequired' },
  { encrypted: false, secured: false, required: false, outcome: 'plain' },
  { encrypted: false, secured: false, required: true, outcome: 'EncryptionRequired' },
]
for (const { encrypted, secured, required, outcome } of cases) {
  const where = `${secured ? 'with' : 'without'} HTTPS${required ? ', encryption required' : ''}`
  test(`newDatabase() with Encrypted ${encrypted} ${where}: ${outcome}`, async () => {
    await using start = await startCatalog()
    const { memory, store } = start
    const parts = { ...store, memory, secured, encryptionRequired: required }
    const make = () => newDatabase(parts, posted('orders', { Encrypted: encrypted }), 5)
    if (outcome !== 'encrypted' && outcome !== 'plain') {
      assert.throws(make, (error) => hasCode(error, outcome))
      return
    }
    const { record, changes } = make()
    assert.equal(record.encrypted, outcome === 'encrypted')
    assert.equal(record.keys.length, outcome === 'encrypted' ? 1 : 0)
    assert.deepEqual([record.state, record.createdAt, changes], ['creating', 5, []])
  })
}

test('newDatabase() wraps the key for that database alone', async () => {
  await using start = await startCatalog()
  const { memory, store } = start
  const parts = { ...store, memory, secured: true, encryptionRequired: false }
  const [one, two] = [newDatabase(parts, posted('one'), 0), newDatabase(parts, posted('two'), 0)]
  const wrapped = one.record.keys[0]
  assert.ok(wrapped)
  const subject = { purpose: 'database', epoch: 1 } as const
  store.ring.unwrap(wrapped, { ...subject, owner: one.record.id }).release()
  assert.throws(
    () => store.ring.unwrap(wrapped, { ...subject, owner: two.record.id }),
    (error) => hasCode(error, 'WrappedKeyDamaged'),
  )
})

test('changedDatabase() and revivedDatabase() change what was posted and keep id, keys and encryption', async () => {
  await using start = await startCatalog()
  const { record } = (await start.catalog.create(posted('orders'))).found
  const wish = posted('ORDERS', { Disabled: true, Foo: 1 })
  assert.deepEqual(changedDatabase(record, wish), { ...record, disabled: true, kept: { Foo: 1 } })
  const deleted = { ...record, state: 'softDeleted' } as const
  assert.deepEqual(revivedDatabase(deleted, wish), {
    ...record,
    name: 'ORDERS',
    disabled: true,
    kept: { Foo: 1 },
  })
  for (const change of [changedDatabase, revivedDatabase]) {
    const turned = posted('orders', { Encrypted: false })
    assert.throws(
      () => change(record, turned),
      (error) => hasCode(error, 'EncryptionCannotChange'),
    )
  }
})

import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import {
  changedShape,
  closedItemShape,
  openItemShape,
  recordShape,
} from '#server/http/database-shapes.ts'
import type { DatabaseRecord } from '#server/system/databases.ts'
import { type Golden, readGolden } from '#test/peer/golden.ts'
import { memoryDatabase } from '#test/support/database-app.ts'

const record: DatabaseRecord = {
  ...{ name: 'gamma', id: 'AAAAAAAAAAAAAAAAAAAAAA', state: 'ready', disabled: false },
  ...{ encrypted: true, keys: [], createdAt: 0, topologyId: 'AAAAAAAAAAAAAAAAAAAAAA' },
  ...{ settings: {}, kept: {} },
}
const found = { key: 'gamma', record, version: 7 }
const item = { record, isAdmin: true, url: 'https://127.0.0.1:8443' }

/** Names of members, of those inside too, sorted: what a shape is. */
function namesOf(value: unknown, prefix = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  return Object.entries(value)
    .flatMap(([name, inner]) => [`${prefix}${name}`, ...namesOf(inner, `${prefix}${name}.`)])
    .sort()
}

const folder = path.resolve(import.meta.dirname, '../../peer/golden-7.2')
const answers = readGolden<Golden>(folder, 'databases') ?? assert.fail('no record of the answers')
const answered = (step: string): unknown => answers[step]?.body
const listed = (step: string): unknown =>
  (answered(step) as { readonly Databases: readonly unknown[] }).Databases[0]

test('changedShape() has the members that RavenDB answers', () => {
  assert.deepEqual(namesOf(changedShape(found, 9, item.url)), namesOf(answered('create')))
})

test('recordShape() has the members that RavenDB answers', () => {
  assert.deepEqual(namesOf(recordShape(found)), namesOf(answered('record')))
})

test('openItemShape() has the members that RavenDB answers', () => {
  const shape = openItemShape(item, { database: memoryDatabase(), upTimeMs: 5 })
  assert.deepEqual(namesOf(shape), namesOf(listed('list')))
})

test('closedItemShape() has the members that RavenDB answers, and the reason of a quarantine', () => {
  assert.deepEqual(
    namesOf(closedItemShape(item, { quarantine: undefined, sizeBytes: 5 })),
    namesOf(listed('list while disabled')),
  )
  assert.equal(
    closedItemShape(item, { quarantine: new Error('damaged'), sizeBytes: 5 }).LoadError,
    'damaged',
  )
})

test('recordShape() shows what was kept, and no key', () => {
  const wrapped = { id: '00', epoch: 1, wrappedBy: '11', sealed: 'c2VhbGVk' }
  const kept = { Foo: 1, Client: { Disabled: true } }
  const shape = recordShape({ ...found, record: { ...record, kept, keys: [wrapped] } })
  assert.deepEqual([shape.Foo, shape.Client, shape.Etag], [1, { Disabled: true }, 7])
  assert.equal(JSON.stringify(shape).includes('c2VhbGVk'), false)
})

const spans: readonly [number, string][] = [
  [0, '00:00:00.0000000'],
  [1_234, '00:00:01.2340000'],
  [86_399_999, '23:59:59.9990000'],
  [86_400_000, '1.00:00:00.0000000'],
  [30 * 86_400_000 + 3_600_000, '30.01:00:00.0000000'],
]
for (const [upTimeMs, text] of spans) {
  test(`openItemShape() writes an up time of ${upTimeMs} ms as ${text}`, () => {
    const database = memoryDatabase()
    assert.equal(openItemShape(item, { database, upTimeMs }).UpTime, text)
  })
}

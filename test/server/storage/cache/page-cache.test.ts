import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PageCache } from '#server/storage/cache/page-cache.ts'

const leaf = { bytes: 10, chances: 1 }
const inner = { bytes: 10, chances: 4 }

test('PageCache gives back what was put, by database and page', () => {
  const cache = new PageCache<string>(1_000)
  const [orders, users] = [cache.partition(), cache.partition()]
  orders.put(1, 'orders 1', leaf)
  users.put(1, 'users 1', leaf)
  assert.equal(orders.get(1), 'orders 1')
  assert.equal(users.get(1), 'users 1')
  assert.equal(users.get(2), undefined)
  orders.drop(1)
  orders.drop(7)
  assert.equal(orders.get(1), undefined)
  assert.equal(users.pages, 1)
})

test('PageCache stays within its bytes, whatever is put, dropped and used', () => {
  const step = fc.record({
    kind: fc.constantFrom('put', 'put', 'get', 'drop', 'clear'),
    partition: fc.nat(1),
    page: fc.nat(30),
    bytes: fc.integer({ min: 1, max: 40 }),
    chances: fc.constantFrom(1, 4),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
      const cache = new PageCache<string>(100)
      const partitions = [cache.partition(), cache.partition()] as const
      for (const { kind, partition, page, bytes, chances } of steps) {
        const pages = partitions[partition === 0 ? 0 : 1]
        if (kind === 'put') {
          pages.put(page, `${partition} ${page}`, { bytes, chances })
          assert.equal(pages.get(page), `${partition} ${page}`)
        }
        if (kind === 'get') assert.ok([undefined, `${partition} ${page}`].includes(pages.get(page)))
        if (kind === 'drop') pages.drop(page)
        if (kind === 'clear') pages.clear()
        assert.ok(cache.bytes <= 100)
      }
      for (const pages of partitions) pages.clear()
      assert.equal(cache.bytes, 0)
    }),
  )
})

test('PageCache keeps what is used', () => {
  const pages = new PageCache<string>(100).partition()
  for (let page = 0; page < 10; page += 1) pages.put(page, 'old', leaf)
  for (let page = 100; page < 140; page += 1) {
    pages.get(3)
    pages.put(page, 'new', leaf)
  }
  assert.equal(pages.get(3), 'old')
  assert.equal(pages.get(4), undefined)
})

test('PageCache keeps inner pages longer than leaves', () => {
  const pages = new PageCache<string>(100).partition()
  pages.put(0, 'inner', inner)
  for (let page = 1; page < 25; page += 1) pages.put(page, 'leaf', leaf)
  assert.equal(pages.get(0), 'inner')
  assert.equal(pages.get(1), undefined)
})

test('PageCache holds a page that is larger than itself until the next one comes', () => {
  const cache = new PageCache<string>(100)
  const pages = cache.partition()
  pages.put(1, 'huge', { bytes: 500, chances: 1 })
  assert.equal(pages.get(1), 'huge')
  pages.put(2, 'small', leaf)
  assert.equal(pages.get(1), undefined)
  assert.equal(cache.bytes, 10)
})

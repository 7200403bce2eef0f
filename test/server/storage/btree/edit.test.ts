import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { inlineEntryBytesMax, plainPageBytes, treeKeyBytesMax } from '#server/limits.ts'
import { TestTree } from '#test/support/trees.ts'

const key = fc.oneof(
  fc.nat(300).map((n) => `orders/${n}`),
  fc.nat(60).map((n) => String.fromCharCode(n + 33).repeat(1 + n * 25)),
)
const length = fc.oneof(fc.nat(50), fc.nat(inlineEntryBytesMax + 200), fc.constant(0))
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('put' as const), key, length }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), key, length }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('savepoint' as const), key, length }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rollback' as const), key, length }) },
)

function listOf(model: ReadonlyMap<string, number>): string[] {
  return [...model].sort(([a], [b]) => (a < b ? -1 : 1)).map(([each, bytes]) => `${each}=${bytes}`)
}

test('put() and remove() behave as a sorted map, and savepoints as copies of it', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 500, size: 'max' }), (steps) => {
      const tree = new TestTree()
      let model = new Map<string, number>()
      const savepoints: { root: TestTree['root']; model: Map<string, number> }[] = []
      for (const each of steps) {
        if (each.kind === 'put') {
          tree.put(each.key, Buffer.alloc(each.length))
          model.set(each.key, each.length)
        }
        if (each.kind === 'remove') {
          tree.remove(each.key)
          model.delete(each.key)
        }
        if (each.kind === 'savepoint')
          savepoints.push({ root: tree.savepoint(), model: new Map(model) })
        const last = savepoints.at(-1)
        if (each.kind === 'rollback' && last !== undefined) {
          tree.savepoint()
          tree.root = last.root
          model = new Map(last.model)
        }
      }
      tree.assertSound()
      assert.deepEqual(tree.list(), listOf(model))
      for (const { root, model } of savepoints) {
        const old = new TestTree(root)
        old.assertSound()
        assert.deepEqual(old.list(), listOf(model))
      }
    }),
    { numRuns: 150 },
  )
})

test('put() fills pages whole when keys ascend', () => {
  const tree = new TestTree()
  const count = 20_000
  for (let i = 0; i < count; i += 1)
    tree.put(`orders/${String(i).padStart(9, '0')}`, Buffer.alloc(84))
  const nodes = tree.assertSound()
  const bytes = count * (4 + 16 + 84)
  assert.ok(nodes < (bytes / plainPageBytes) * 1.05, `${nodes} nodes for ${bytes} bytes`)
})

test('remove() gives pages back as a tree shrinks, down to nothing', () => {
  const tree = new TestTree()
  const keys = Array.from({ length: 5_000 }, (_, i) => `k${(i * 7919) % 5_000}`)
  for (const each of keys) tree.put(each, Buffer.alloc(60))
  const full = tree.assertSound()
  for (const each of keys.slice(0, 4_500)) tree.remove(each)
  const tenth = tree.assertSound()
  assert.ok(tenth < full / 4, `${tenth} nodes of ${full} are left for a tenth of the entries`)
  for (const each of keys) tree.remove(each)
  assert.equal(tree.root, undefined)
})

test('put() takes keys and values up to their bounds, and none above', () => {
  const tree = new TestTree()
  const longest = (i: number) => `${i}`.padEnd(treeKeyBytesMax, 'k')
  for (let i = 0; i < 200; i += 1) tree.put(longest(i), Buffer.alloc(i * 40))
  tree.assertSound()
  assert.equal(tree.get(longest(100))?.length, 4_000)
  assert.throws(() => tree.put(`${longest(1)}k`, Buffer.alloc(0)), { code: 'ERR_ASSERTION' })
})

test('remove() leaves a tree without the key as it is', () => {
  const tree = new TestTree()
  tree.put('a', Buffer.alloc(1))
  const before = tree.savepoint()
  tree.remove('b')
  assert.equal(tree.root, before)
})

/** Trees without pages: every node stays fresh in memory. */
import assert from 'node:assert/strict'
import { plainPageBytes } from '#server/limits.ts'
import { type Editing, put, remove } from '#server/storage/btree/edit.ts'
import { type Child, Inner, innerBytes } from '#server/storage/btree/inner.ts'
import { Edit, emptyLeafBytes, entryBytes, Leaf } from '#server/storage/btree/leaf.ts'
import { entries, get, type TreeRoot } from '#server/storage/btree/tree.ts'

const pages = {
  load: () => assert.fail('nothing was sealed'),
  large: () => assert.fail('nothing was sealed'),
}

/** A tree to change step by step. */
export class TestTree {
  root: TreeRoot | undefined
  #edit = new Edit()

  constructor(root?: TreeRoot) {
    this.root = root
  }

  /** From here on nothing that exists changes in place. */
  savepoint(): TreeRoot | undefined {
    this.#edit = new Edit()
    return this.root
  }

  put(key: string, value: Uint8Array): void {
    this.root = put(this.#editing(), this.root, { key, value })
  }

  remove(key: string): void {
    this.root = remove(this.#editing(), this.root, key)
  }

  get(key: string): Buffer | undefined {
    return get({ pages, tree: 1, root: this.root }, key)
  }

  /** `key=length of value`, in order. */
  list(range?: Parameters<typeof entries>[1]): string[] {
    return [...entries({ pages, tree: 1, root: this.root }, range)].map(
      ({ key, value }) => `${key}=${value.length}`,
    )
  }

  /** Fails where a node is too large, empty, out of order, on a wrong level, or wrong about its size. */
  assertSound(): number {
    if (this.root === undefined) return 0
    const counted = assertNode(this.root.child, this.root.height, { from: '', to: undefined })
    assert.equal(counted.entries, this.root.count)
    return counted.nodes
  }

  #editing(): Editing {
    const fail = (): never => assert.fail('nothing was sealed')
    return { pages, tree: 1, edit: this.#edit, free: fail, freeLarge: fail }
  }
}

interface Bounds {
  readonly from: string
  readonly to: string | undefined
}

function assertNode(
  node: Child,
  level: number,
  { from, to }: Bounds,
): { entries: number; nodes: number } {
  assert.ok(node instanceof Leaf || node instanceof Inner)
  assert.ok(node.bytes <= plainPageBytes, `${node.bytes} bytes fit a page`)
  const keys = node instanceof Leaf ? node.keys : node.separators
  for (const [i, key] of keys.entries()) {
    assert.ok(i === 0 || (keys[i - 1] as string) < key, 'keys are in order')
    assert.ok(key >= from && (to === undefined || key < to), 'keys are inside the bounds')
  }
  if (node instanceof Leaf) {
    assert.equal(level, 0)
    assert.ok(keys.length > 0, 'no leaf is empty')
    const bytes = keys.map((key, i) => entryBytes(key, node.values[i] as Uint8Array))
    assert.equal(
      node.bytes,
      bytes.reduce((a, b) => a + b, emptyLeafBytes),
    )
    return { entries: keys.length, nodes: 1 }
  }
  assert.equal(node.bytes, innerBytes(node.separators, node.children.length))
  const below = node.children.map((child, i) =>
    assertNode(child, level - 1, { from: keys[i - 1] ?? from, to: keys[i] ?? to }),
  )
  return {
    entries: below.reduce((sum, each) => sum + each.entries, 0),
    nodes: below.reduce((sum, each) => sum + each.nodes, 1),
  }
}

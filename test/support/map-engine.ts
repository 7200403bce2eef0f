/** The engine's promises on a plain sorted map: for unit tests of what stands above the engine. */
import type { ByteString } from '#server/storage/bytes.ts'
import type {
  Apply,
  Engine,
  Entry,
  Range,
  Reader,
  TreeId,
  Writer,
} from '#server/storage/engine.types.ts'

type State = { readonly trees: Map<TreeId, Map<ByteString, Buffer>>; etag: number }

export function mapEngine<W, R>(apply: Apply<W, R>): Engine<W, R> {
  let state: State = { trees: new Map(), etag: 0 }
  let commits = 0
  return {
    read: (work) => work(writerOn(state)),
    snapshot: () => Object.assign(writerOn(copyOf(state)), { [Symbol.dispose]: () => undefined }),
    submit: async (writeSet) => {
      const draft = copyOf(state)
      const applying = apply(writerOn(draft), writeSet)
      let step = applying.next()
      while (!step.done) step = applying.next()
      state = draft
      commits += 1
      return step.value
    },
    get position() {
      return { commit: commits, rootTag: '' }
    },
    verifyOwner: () => undefined,
    recordStoreCommit: async () => undefined,
    abandon: async () => undefined,
    figures: {
      sizeOnDiskBytes: 0,
      pages: 0,
      cachedPages: 0,
      cacheHits: 0,
      cacheMisses: 0,
      commits: 0,
      sealedPages: 0,
      openedPages: 0,
      lastCommitMs: 0,
      damages: 0,
    },
    close: async () => undefined,
  }
}

function copyOf(state: State): State {
  return {
    trees: new Map([...state.trees].map(([id, tree]) => [id, new Map(tree)])),
    etag: state.etag,
  }
}

function writerOn(state: State): Writer {
  const treeOf = (id: TreeId): Map<ByteString, Buffer> => {
    const tree = state.trees.get(id) ?? new Map<ByteString, Buffer>()
    state.trees.set(id, tree)
    return tree
  }
  return {
    get: (tree, key) => treeOf(tree).get(key),
    range: (tree, range = {}) => entriesOf(treeOf(tree), range),
    count: (tree) => treeOf(tree).size,
    get lastEtag() {
      return state.etag
    },
    put: (tree, key, value) => void treeOf(tree).set(key, Buffer.from(value)),
    delete: (tree, key) => treeOf(tree).delete(key),
    nextEtag: () => ++state.etag,
  } satisfies Writer & Reader
}

function* entriesOf(
  tree: Map<ByteString, Buffer>,
  { from, to, reverse }: Range,
): IterableIterator<Entry> {
  const keys = [...tree.keys()]
    .filter((key) => (from === undefined || key >= from) && (to === undefined || key < to))
    .sort((a, b) => (a < b ? -1 : 1))
  for (const key of reverse ? keys.reverse() : keys) {
    const value = tree.get(key)
    if (value !== undefined) yield { key, value }
  }
}

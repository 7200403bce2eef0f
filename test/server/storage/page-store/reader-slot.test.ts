import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReaderSlot } from '#server/storage/page-store/reader-slot.ts'

const ownNumber = 1
const table = (...numbers: number[]) =>
  [
    '    pid     thread     txnid',
    ...numbers.map((number) => `  ${number} 7feb998b0d40 -`),
    '',
  ].join('\n')

/** An environment that says how it was read, and gives a slot or does not. */
function world({ listed = '(no active readers)\n', hasSlot = true } = {}) {
  const said: string[] = []
  const state = { listed, hasSlot, inWrite: false }
  const slot = new ReaderSlot(
    {
      readerList: () => state.listed,
      resetReadTxn: () => {
        said.push('reset')
        throw new TypeError("Cannot read properties of null (reading 'refCount')")
      },
      transactionSync: (work) => {
        state.inWrite = true
        try {
          return work()
        } finally {
          state.inWrite = false
        }
      },
    },
    ownNumber,
  )
  const work = (): string => {
    if (!state.inWrite && !state.hasSlot) {
      said.push('refused')
      throw new TypeError("Cannot read properties of null (reading 'address')")
    }
    said.push(state.inWrite ? 'written' : 'read')
    return 'found'
  }
  return { said, state, slot, work }
}

test('ReaderSlot.read() reads as usual where nobody has its number, and asks for no table once it has a slot', () => {
  const { said, state, slot, work } = world({ listed: table(11, 21) })
  assert.equal(slot.read(work), 'found')
  state.listed = table(ownNumber)
  assert.equal(slot.read(work), 'found')
  assert.deepEqual(said, ['read', 'read'])
})

test('ReaderSlot.read() reads in a write transaction while another has its number, and as usual afterwards', () => {
  const { said, state, slot, work } = world({ listed: table(11, ownNumber), hasSlot: false })
  assert.equal(slot.read(work), 'found')
  Object.assign(state, { listed: table(11), hasSlot: true })
  assert.equal(slot.read(work), 'found')
  assert.deepEqual(said, ['written', 'read'])
})

test('ReaderSlot.read() reads in a write transaction where it is refused a slot, and drops what lmdb holds then', () => {
  const { said, slot, work } = world({ hasSlot: false })
  assert.equal(slot.read(work), 'found')
  assert.deepEqual(said, ['refused', 'reset', 'written'])
})

test('ReaderSlot.read() passes on every other error', () => {
  const { said, slot } = world()
  const damaged = new TypeError('MDB_CORRUPTED')
  const fail = (): never => {
    throw damaged
  }
  assert.throws(() => slot.read(fail), damaged)
  assert.deepEqual(said, [])
})

test('ReaderSlot.iterate() goes through everything inside its write transaction, and lazily with a slot', () => {
  const { said, state, slot, work } = world({ listed: table(ownNumber), hasSlot: false })
  const make = function* (): Generator<string> {
    yield work()
    yield work()
  }
  assert.deepEqual([...slot.iterate(make)], ['found', 'found'])
  Object.assign(state, { listed: table(), hasSlot: true })
  slot.read(work)
  for (const _ of slot.iterate(make)) break
  assert.deepEqual(said, ['written', 'written', 'read', 'read'])
})

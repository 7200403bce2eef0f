import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type LeaderMeans,
  type LeaseRecord,
  type LeaseStore,
  lead,
  release,
} from '#operator/runtime/leader.ts'
import { type FakeTime, fakeTime } from '#test/support/fake-timers.ts'

function sharedLease() {
  let lease: { readonly record: LeaseRecord; readonly version: string } | undefined
  let version = 0
  const state = { isBroken: false }
  const store: LeaseStore = {
    read: async () => {
      if (state.isBroken) throw new Error('the API server is away')
      return lease
    },
    write: async (record, expected) => {
      if (state.isBroken) throw new Error('the API server is away')
      if (expected !== lease?.version) return false
      version += 1
      lease = { record, version: String(version) }
      return true
    },
  }
  return {
    store,
    state,
    holder: () => lease?.record.holder,
    transitions: () => lease?.record.transitions,
  }
}

function candidate(identity: string, leases: LeaseStore, time: FakeTime): LeaderMeans {
  return {
    identity,
    leases,
    clock: time,
    timers: time,
    leaseMs: 15_000,
    renewDeadlineMs: 10_000,
    retryMs: 2_000,
    failed: () => undefined,
  }
}

/** What became of a promise so far. */
function follow<T>(promise: Promise<T>) {
  const state: { value?: T; isDone: boolean } = { isDone: false }
  void promise.then((value) => Object.assign(state, { value, isDone: true }))
  return state
}

test('lead() takes a free lease at once', async () => {
  const time = fakeTime()
  const { store, holder } = sharedLease()
  const stop = new AbortController()
  const leading = follow(lead(candidate('a', store, time), stop.signal))
  await time.pass(1)
  assert.equal(leading.isDone, true)
  assert.equal(holder(), 'a')
  stop.abort()
})

test('lead() waits while another renews, and takes over when he no longer does', async () => {
  const time = fakeTime()
  const { store, holder, transitions } = sharedLease()
  const stopA = new AbortController()
  const stopB = new AbortController()
  await lead(candidate('a', store, time), stopA.signal)
  const second = follow(lead(candidate('b', store, time), stopB.signal))
  await time.pass(60_000)
  assert.equal(second.isDone, false)
  stopA.abort()
  await time.pass(13_000)
  assert.equal(second.isDone, false, 'the lease has not ended yet')
  await time.pass(6_000)
  assert.equal(second.isDone, true)
  assert.equal(holder(), 'b')
  assert.equal(transitions(), 1)
  stopB.abort()
})

test('lead() counts itself out before its lease ends when it cannot renew', async () => {
  const time = fakeTime()
  const { store, state } = sharedLease()
  const stop = new AbortController()
  const leading = await lead(candidate('a', store, time), stop.signal)
  const lost = follow(leading?.lost ?? Promise.resolve())
  state.isBroken = true
  await time.pass(9_000)
  assert.equal(lost.isDone, false)
  await time.pass(4_000)
  assert.equal(
    lost.isDone,
    true,
    'twelve seconds later it no longer leads, three before anybody else may',
  )
  stop.abort()
})

test('lead() is lost at once when another holds the lease', async () => {
  const time = fakeTime()
  const { store } = sharedLease()
  const stop = new AbortController()
  const leading = await lead(candidate('a', store, time), stop.signal)
  const lost = follow(leading?.lost ?? Promise.resolve())
  const now = await store.read()
  await store.write({ holder: 'b', transitions: 1, renewedAt: 0, acquiredAt: 0 }, now?.version)
  await time.pass(3_000)
  assert.equal(lost.isDone, true)
  stop.abort()
})

test('release() lets the next one lead without waiting', async () => {
  const time = fakeTime()
  const { store, holder } = sharedLease()
  const stopA = new AbortController()
  const first = candidate('a', store, time)
  await lead(first, stopA.signal)
  stopA.abort()
  await release(first)
  const stopB = new AbortController()
  const second = follow(lead(candidate('b', store, time), stopB.signal))
  await time.pass(1)
  assert.equal(second.isDone, true)
  assert.equal(holder(), 'b')
  stopB.abort()
})

test('lead() gives nothing when it is called off', async () => {
  const time = fakeTime()
  const { store } = sharedLease()
  await store.write({ holder: 'z', transitions: 0, renewedAt: 0, acquiredAt: 0 }, undefined)
  const stop = new AbortController()
  const leading = lead(candidate('a', store, time), stop.signal)
  stop.abort()
  assert.equal(await leading, undefined)
})

test('lead() counts itself out in time when a renewal hangs without an answer', async () => {
  const time = fakeTime()
  const { store } = sharedLease()
  let isHanging = false
  const hanging: LeaseStore = {
    ...store,
    read: () => (isHanging ? new Promise(() => undefined) : store.read()),
  }
  const stop = new AbortController()
  const leading = await lead(candidate('a', hanging, time), stop.signal)
  const lost = follow(leading?.lost ?? Promise.resolve())
  isHanging = true
  await time.pass(9_000)
  assert.equal(lost.isDone, false)
  await time.pass(2_000)
  assert.equal(lost.isDone, true, 'four seconds before anybody else may lead')
  assert.equal(time.waiting, 0, 'nothing waits any more')
  stop.abort()
})

test('lead() counts its lease from before the request that took it', async () => {
  const time = fakeTime()
  const { store, state } = sharedLease()
  const slow: LeaseStore = {
    ...store,
    write: async (record, version) => {
      const written = await store.write(record, version)
      await new Promise<void>((resolve) => void time.after(8_000, resolve))
      return written
    },
  }
  const stop = new AbortController()
  const leading = follow(lead(candidate('a', slow, time), stop.signal))
  await time.pass(8_000)
  const lost = follow(leading.value?.lost ?? Promise.resolve())
  state.isBroken = true
  await time.pass(3_000)
  assert.equal(lost.isDone, true)
  stop.abort()
})

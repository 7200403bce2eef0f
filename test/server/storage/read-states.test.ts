import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wholeList } from '#server/storage/free-list.ts'
import { ReadStates } from '#server/storage/read-states.ts'

const state = (commit: number) => ({ commit, nextPage: commit * 10 })
const commits = (states: ReadStates) => states.all.map(({ commit }) => commit)

test('ReadStates holds a state as long as somebody reads it', () => {
  const states = new ReadStates()
  for (const commit of [3, 5, 3]) states.begin(state(commit))
  assert.deepEqual(commits(states), [3, 5])
  states.end(state(3))
  assert.deepEqual(commits(states), [3, 5])
  states.end(state(3))
  assert.deepEqual(commits(states), [5])
  assert.equal(states.all[0]?.nextPage, 50)
})

test('ReadStates begins the walk over the free list anew when a reader ends, and not when one begins', () => {
  const states = new ReadStates()
  states.begin(state(1))
  states.walk = 'somewhere'
  states.begin(state(2))
  assert.equal(states.walk, 'somewhere')
  states.end(state(1))
  assert.equal(states.walk, wholeList)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChallengeState } from '#shared/acme/order-state.ts'
import {
  afterSight,
  failureIn,
  longestRetryAfter,
  type Outcomes,
  obstacleOf,
  type Sight,
  unread,
  withChallenge,
} from '#shared/acme/sights.ts'

const chosen = { type: 'dns-01', url: 'c', token: 't', thumbprint: 'k' } as const
const begun: ChallengeState = {
  ...chosen,
  presented: false,
  visible: false,
  answered: false,
  cleanUps: 0,
}
const read = (changes: Partial<Extract<Sight, { kind: 'read' }>> = {}): Sight => ({
  kind: 'read',
  status: 'pending',
  name: 'a.test',
  offered: ['dns-01'],
  challenge: chosen,
  ...changes,
})
const seen = (...sights: Sight[]): Outcomes<Sight> =>
  new Map(sights.map((value, index) => [`${index}`, { outcome: { kind: 'done', value } }]))

test('afterSight() begins the challenge that was chosen, and keeps one that was begun', () => {
  const fresh = afterSight({ url: 'a', status: 'unread' }, read())
  assert.deepEqual(fresh, { url: 'a', name: 'a.test', status: 'pending', challenge: begun })
  const further = withChallenge(fresh, { answered: true })
  assert.deepEqual(afterSight(further, read()), further)
})

test('afterSight() changes to another challenge only as long as nothing stands there', () => {
  const other = { ...chosen, type: 'http-01', url: 'd' } as const
  const waiting = { url: 'a', status: 'pending', challenge: begun } as const
  assert.equal(afterSight(waiting, read({ challenge: other })).challenge?.type, 'http-01')
  const standing = withChallenge(waiting, { presented: true })
  assert.equal(afterSight(standing, read({ challenge: other })).challenge?.type, 'dns-01')
})

test('afterSight() reads an authorization again that nobody can prove, and keeps one that is valid', () => {
  const fresh = { url: 'a', status: 'unread' } as const
  assert.equal(afterSight(fresh, read({ challenge: undefined })).status, 'unread')
  assert.equal(afterSight(fresh, read({ challenge: undefined, status: 'valid' })).status, 'valid')
  assert.deepEqual(
    afterSight({ ...fresh, name: 'a.test', challenge: begun }, { kind: 'unsolved' }),
    {
      ...fresh,
      name: 'a.test',
    },
  )
})

test('afterSight() writes down that an answer is visible', () => {
  const standing = { url: 'a', status: 'pending', challenge: begun } as const
  assert.equal(afterSight(standing, { kind: 'checked', hidden: '' }).challenge?.visible, true)
  assert.equal(afterSight(standing, { kind: 'checked', hidden: 'no' }), standing)
})

test('failureIn() finds an authorization that is lost, also without a challenge that failed', () => {
  assert.equal(failureIn(seen(read(), read({ status: 'valid' }))), undefined)
  assert.deepEqual(failureIn(seen(read(), read({ status: 'deactivated', name: 'b.test' }))), {
    name: 'b.test',
    type: 'strongroom:authorizationLost',
    detail: 'the CA calls the authorization deactivated',
  })
})

test('obstacleOf() says what keeps an authorization from going on', () => {
  assert.equal(obstacleOf(read()), undefined)
  assert.equal(obstacleOf({ kind: 'checked', hidden: '' }), undefined)
  assert.equal(obstacleOf({ kind: 'checked', hidden: 'ns1' })?.detail, 'ns1')
  assert.equal(obstacleOf({ kind: 'unsolved' })?.type, 'strongroom:noSolver')
  assert.equal(obstacleOf(false)?.type, 'strongroom:noSolver')
  assert.equal(obstacleOf(undefined), undefined)
})

test('longestRetryAfter() is the longest of all', () => {
  assert.equal(longestRetryAfter(seen(read({ retryAfterMs: 1 }), read({ retryAfterMs: 3 }))), 3)
  assert.equal(longestRetryAfter(seen(read(), { kind: 'unsolved' })), undefined)
})

test('unread() forgets the challenge', () => {
  assert.deepEqual(unread({ url: 'a', status: 'pending', challenge: begun }), {
    url: 'a',
    status: 'unread',
  })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { RenewalInfo } from '#shared/acme/acme-api.ts'
import { afterRenewalNews, type RenewalNews, renewalPlan } from '#shared/acme/renewal-plan.ts'
import { type RenewalState, renewalState } from '#shared/acme/renewal-state.ts'
import { jsonShape } from '#shared/contract/json.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const begin = Date.UTC(2026, 10, 25)
const certificate = { sha256: 'a'.repeat(64), notBefore: begin, notAfter: begin + 90 * day }

function after(
  news: RenewalNews,
  {
    state,
    nowMs = begin,
    random = () => 0.5,
  }: { state?: RenewalState; nowMs?: number; random?: () => number } = {},
): RenewalState {
  return afterRenewalNews(certificate, news, { state, nowMs, random })
}

const said = (info: Partial<RenewalInfo> = {}): RenewalNews => ({
  kind: 'said',
  info: { start: begin + 50 * day, end: begin + 60 * day, ...info },
})

describe('renewalPlan()', () => {
  test('asks at once, and until then takes two thirds of the life, for a certificate of which nothing is known', () => {
    const expected = { renewAt: begin + 60 * day, askAt: begin + 7 }
    assert.deepEqual(renewalPlan(certificate, undefined, begin + 7), expected)
    const other = { ...after(said()), sha256: 'b'.repeat(64) }
    assert.deepEqual(renewalPlan(certificate, other, begin + 7), expected)
  })

  test('goes by what was written down', () => {
    const state = after(said({ retryAfterMs: hour }))
    assert.deepEqual(renewalPlan(certificate, state, begin + day), {
      renewAt: begin + 55 * day,
      askAt: begin + hour,
    })
  })
})

describe('afterRenewalNews()', () => {
  test('chooses a point in the window once, and again in another window', () => {
    const first = after(said(), { random: () => 0.1 })
    assert.equal(Date.parse(first.renewAt), begin + 51 * day)
    const same = after(said(), { state: first, nowMs: begin + hour, random: () => 0.9 })
    assert.equal(same.renewAt, first.renewAt)
    assert.notEqual(same.askAt, first.askAt)
    const moved = after(said({ end: begin + 55 * day }), { state: first, random: () => 0.9 })
    assert.equal(Date.parse(moved.renewAt), begin + 54.5 * day)
  })

  test('follows a window in the past: the certificate may be revoked soon', () => {
    const state = after(said({ start: begin - 2 * day, end: begin - day }))
    assert.ok(Date.parse(state.renewAt) < begin)
    assert.equal(state.ignored, undefined)
  })

  test('leaves time to fail, also where the window does not', () => {
    const state = after(said({ start: begin + 80 * day, end: begin + 200 * day }), {
      random: () => 0.9999,
    })
    assert.ok(Date.parse(state.renewAt) <= certificate.notAfter - 9 * day)
  })

  test('ignores a window that makes no sense, and says why', () => {
    for (const [info, words] of [
      [{ start: begin + 5, end: begin + 5 }, /ends at .* but begins at/],
      [{ start: begin + 9, end: begin + 5 }, /ends at .* but begins at/],
      [{ start: begin + 85 * day, end: begin + 89 * day }, /all but over/],
      [{ start: begin + 900 * day, end: begin + 901 * day }, /all but over/],
    ] as const) {
      const state = after(said(info), { state: after(said()) })
      assert.equal(Date.parse(state.renewAt), begin + 60 * day)
      assert.equal(state.window, undefined)
      assert.match(state.ignored ?? '', words)
    }
  })

  test('takes two thirds of the life where the CA has no ARI', () => {
    const state = after({ kind: 'none' })
    assert.deepEqual([Date.parse(state.renewAt), state.ignored], [begin + 60 * day, undefined])
  })

  test('keeps the window that is known when the CA does not answer', () => {
    const known = after(said())
    const state = after(
      { kind: 'failed', detail: 'no answer' },
      { state: known, nowMs: begin + day },
    )
    assert.deepEqual(
      [state.renewAt, state.window, state.ignored],
      [known.renewAt, known.window, 'no answer'],
    )
    assert.equal(Date.parse(after({ kind: 'failed', detail: 'x' }).renewAt), begin + 60 * day)
  })

  test('asks again every min(Retry-After, life / 10), at least 10 s later', () => {
    const short = { ...certificate, notAfter: begin + 5 * minute }
    const wait = (of: typeof certificate, news: RenewalNews) =>
      Date.parse(
        afterRenewalNews(of, news, { state: undefined, nowMs: begin, random: () => 0 }).askAt,
      ) - begin
    assert.equal(wait(certificate, said({ retryAfterMs: hour })), hour)
    assert.equal(wait(certificate, said()), 6 * hour)
    assert.equal(wait(certificate, said({ retryAfterMs: 30 * day })), 9 * day)
    assert.equal(wait(short, said({ retryAfterMs: hour })), 30_000)
    assert.equal(wait(short, said({ retryAfterMs: 0 })), 10_000)
    assert.equal(wait(short, { kind: 'failed', detail: 'x', retryAfterMs: hour }), hour)
  })

  test('keeps an explanation that fits into a status', () => {
    assert.equal(
      after(said({ explanationUrl: 'https://ca.test/why' })).explanationUrl,
      'https://ca.test/why',
    )
    assert.equal(after(said({ explanationUrl: 'x'.repeat(2000) })).explanationUrl, undefined)
  })

  test('never renews later than a tenth of the life before the end, whatever the CA says', () => {
    const shape = jsonShape(renewalState)
    const moment = fc.integer({ min: -400, max: 400 }).map((days) => begin + days * day)
    const info = fc.record({ start: moment, end: moment })
    fc.assert(
      fc.property(info, fc.double({ min: 0, max: 0.999, noNaN: true }), (window, random) => {
        const state = after(said(window), { random: () => random })
        assert.ok(shape.check(JSON.parse(JSON.stringify(state))))
        assert.ok(Date.parse(state.renewAt) <= certificate.notAfter - 9 * day)
        assert.ok(Date.parse(state.askAt) > begin)
      }),
    )
  })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { durationMs, inWords } from '#cli/cluster/duration.ts'

test('durationMs() reads seconds, minutes and hours, and a number alone as seconds', () => {
  const cases = { '1': 1_000, '90': 90_000, '90s': 90_000, '5m': 300_000, '2h': 7_200_000 }
  for (const [text, ms] of Object.entries(cases)) assert.equal(durationMs(text), ms, text)
})

test('durationMs() takes nothing else', () => {
  for (const text of [
    '',
    '0',
    '0s',
    '-5s',
    '1.5h',
    '5 m',
    '5d',
    'm',
    '1h30m',
    '05s',
    '1e3',
    '9999999999',
  ])
    assert.equal(durationMs(text), undefined, text)
})

test('inWords() takes the largest unit of which the time is a whole number', () => {
  const cases = {
    '1 s': 1_000,
    '90 s': 90_000,
    '5 min': 300_000,
    '61 min': 3_660_000,
    '24 h': 86_400_000,
  }
  for (const [text, ms] of Object.entries(cases)) assert.equal(inWords(ms), text)
})

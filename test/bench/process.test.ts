import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kilobytesIn } from '#bench/process.ts'

const text = 'Name:\tnode\nVmHWM:\t  145408 kB\nVmRSS:\t  143000 kB\nThreads:\t11\n'

test('kilobytesIn() reads what a process has, and had at most', () => {
  assert.equal(kilobytesIn(text, 'VmRSS'), 143_000)
  assert.equal(kilobytesIn(text, 'VmHWM'), 145_408)
})

test('kilobytesIn() is 0 of a process that is gone', () => {
  assert.equal(kilobytesIn('', 'VmRSS'), 0)
})

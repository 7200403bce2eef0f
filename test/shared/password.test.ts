import assert from 'node:assert/strict'
import { test } from 'node:test'
import { passwordFrom } from '#shared/password.ts'

test('passwordFrom() leaves out one line break at the end, and nothing else', () => {
  const cases: readonly [string, string][] = [
    ['secret\n', 'secret'],
    ['secret\r\n', 'secret'],
    ['secret', 'secret'],
    ['secret\n\n', 'secret\n'],
    [' \tse cret ', ' \tse cret '],
    ['\nsecret', '\nsecret'],
    ['se\ncret', 'se\ncret'],
    ['secret\r', 'secret\r'],
    ['\n', ''],
    ['', ''],
  ]
  for (const [text, password] of cases) assert.equal(passwordFrom(text), password)
})

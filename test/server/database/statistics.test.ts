import assert from 'node:assert/strict'
import { test } from 'node:test'
import { size } from '#server/database/statistics.ts'

for (const [bytes, text] of [
  [0, '0 Bytes'],
  [1, '1 Bytes'],
  [1023, '1023 Bytes'],
  [1024, '1 KBytes'],
  [32_964_608, '31.44 MBytes'],
  [1024 ** 3, '1 GBytes'],
  [5 * 1024 ** 5, '5120 TBytes'],
] as const) {
  test(`size() writes ${bytes} as ${text}`, () =>
    assert.deepEqual(size(bytes), { HumaneSize: text, SizeInBytes: bytes }))
}

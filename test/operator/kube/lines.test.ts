import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { lines } from '#operator/kube/lines.ts'

async function* parts(buffers: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* buffers
}

test('lines() gives the same lines however the bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ''))),
      fc.array(fc.nat(20), { minLength: 1 }),
      async (texts, cuts) => {
        const whole = Buffer.from(texts.map((text) => `${text}\n`).join(''))
        const buffers: Buffer[] = []
        for (let from = 0, turn = 0; from < whole.length; turn += 1) {
          const length = (cuts[turn % cuts.length] ?? 0) + 1
          buffers.push(whole.subarray(from, from + length))
          from += length
        }
        assert.deepEqual(await Array.fromAsync(lines(parts(buffers), 1_000_000)), texts)
      },
    ),
  )
})

test('lines() does not give what is not ended yet', async () => {
  assert.deepEqual(await Array.fromAsync(lines(parts([Buffer.from('a\nb')]), 100)), ['a'])
})

test('lines() ends with an error rather than hold a line without bound', async () => {
  const endless = Array.from({ length: 100 }, () => Buffer.alloc(10, 'x'))
  await assert.rejects(Array.fromAsync(lines(parts(endless), 100)), /longer than 100 bytes/)
})

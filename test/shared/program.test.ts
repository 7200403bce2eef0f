import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { runProgram, splitArguments } from '#shared/program.ts'

const node = { file: process.execPath, timeoutMs: 10_000, outputBytesMax: 64 }
const script = (text: string) => ({ ...node, arguments: ['-e', text] })

test('runProgram() gives the bytes that the program wrote', async () => {
  const outcome = await runProgram(script('process.stdout.write(Buffer.from([0, 255, 10]))'))
  assert.deepEqual(outcome, { kind: 'done', output: Buffer.from([0, 255, 10]), messages: '' })
})

const failures: readonly [string, Partial<Parameters<typeof runProgram>[0]>, RegExp][] = [
  ['a code other than 0', script('console.error("no key"); process.exit(3)'), /code 3.*no key/],
  ['a signal', script('process.kill(process.pid, "SIGTERM")'), /stopped by SIGTERM/],
  ['too much output', script('process.stdout.write("x".repeat(100))'), /too much output/],
  ['no end in time', { ...script('setInterval(() => {}, 1000)'), timeoutMs: 300 }, /within 0.3 s/],
  ['no such program', { ...node, file: '/nonexistent/program' }, /could not be started/],
]
for (const [what, program, reason] of failures) {
  test(`runProgram() fails with a reason for ${what}`, async () => {
    const outcome = await runProgram({ ...node, arguments: [], ...program })
    assert.equal(outcome.kind, 'failed')
    assert.match(outcome.kind === 'failed' ? outcome.reason : '', reason)
  })
}

test('splitArguments() splits at blanks and keeps quoted ones together', () => {
  assert.deepEqual(splitArguments(''), [])
  assert.deepEqual(splitArguments('  get   key '), ['get', 'key'])
  assert.deepEqual(splitArguments(`--name="my key" 'a "b"' c\\ d`), [
    '--name=my key',
    'a "b"',
    'c d',
  ])
})

test('splitArguments() takes back whatever was quoted', () => {
  const word = fc.string({ minLength: 1, maxLength: 12 })
  const quoted = (text: string) => `"${text.replace(/["\\]/g, (c) => `\\${c}`)}"`
  fc.assert(
    fc.property(fc.array(word, { maxLength: 5 }), (words) => {
      assert.deepEqual(splitArguments(words.map(quoted).join(' ')), words)
    }),
  )
})

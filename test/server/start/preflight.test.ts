import assert from 'node:assert/strict'
import { test } from 'node:test'
import { preflight } from '#server/start/preflight.ts'

const limits = (size: string) =>
  `Limit  Soft Limit\nMax core file size        ${size}             unlimited  bytes\n`
const swaps = (areas: string) => `Filename\tType\tSize\n${areas}`

async function conditionsOf(files: Readonly<Record<string, string>>) {
  return (await preflight(async (path) => files[path])).map(({ condition }) => condition)
}

test('preflight() says nothing of a machine without core files and swap, and of one it cannot look at', async () => {
  const quiet = { '/proc/self/limits': limits('0'), '/proc/swaps': swaps('') }
  assert.deepEqual(await conditionsOf(quiet), [])
  assert.deepEqual(await conditionsOf({}), [])
})

test('preflight() tells of core files and of swap, each with a fix', async () => {
  const files: Record<string, string> = {
    '/proc/self/limits': limits('unlimited'),
    '/proc/swaps': swaps('/swap\tfile\t1\n'),
  }
  assert.deepEqual(await conditionsOf(files), ['CoreDumpsEnabled', 'SwapEnabled'])
  for (const { message } of await preflight(async (path) => files[path]))
    assert.match(message, /; (set|encrypt)/)
})

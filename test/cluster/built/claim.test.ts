import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { abandoned, claim, release } from './claim.ts'
import { clustersMax, layoutOf, podRange, serviceRange } from './layout.ts'

test('claim() gives each caller another number, and a number that was given back again', () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'claim-'))
  const root = folder.path
  assert.deepEqual([claim(root), claim(root), claim(root)], [1, 2, 3])
  release(root, 2)
  assert.equal(claim(root), 2)
  assert.deepEqual(abandoned(root), [])
})

test('claim() says so when the machine has no room', () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'claim-'))
  for (let count = 0; count < clustersMax; count += 1) claim(folder.path)
  assert.throws(() => claim(folder.path), /8 run on this machine already/)
})

test('abandoned() finds clusters of a process that was killed', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'claim-'))
  const script = `const { claim } = await import(process.argv[1]); claim(process.argv[2]); process.kill(process.pid, 'SIGKILL')`
  const module = join(import.meta.dirname, 'claim.ts')
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, module, folder.path])
  await once(child, 'exit')
  assert.deepEqual(abandoned(folder.path), [1])
})

test('layoutOf() gives no two clusters the same addresses, and none outside of the range for tests', () => {
  const ids = Array.from({ length: clustersMax }, (_, index) => index + 1)
  const ranges = ids.flatMap((id) => {
    const layout = layoutOf({ id, nodes: 3, bin: '', root: '' })
    return [podRange(layout, 3), serviceRange(layout)]
  })
  assert.equal(new Set(ranges).size, ranges.length)
  for (const range of ranges) assert.match(range, /^198\.1[89]\./)
})

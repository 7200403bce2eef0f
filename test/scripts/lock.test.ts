import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { withLock } from '#scripts/lock.mjs'

function lockFile(t: TestContext): string {
  const folder = mkdtempDisposableSync(path.join(tmpdir(), 'lock-'))
  t.after(() => folder.remove())
  return path.join(folder.path, 'deep', 'install')
}

test('withLock() lets one at a time in and tells the other why it waits', async (t) => {
  const file = lockFile(t)
  const events: string[] = []
  const tell = (line: string): void => void events.push(line)
  const first = withLock({ file, tell }, async () => {
    events.push('first in')
    await new Promise((resolve) => setTimeout(resolve, 50))
    events.push('first out')
  })
  const second = withLock({ file, tell }, () => events.push('second in'))
  await Promise.all([first, second])
  const waiting = `Waiting for process ${process.pid}, which is installing already`
  assert.deepEqual(events.toSorted(), [waiting, 'first in', 'first out', 'second in'])
  assert.deepEqual(events.slice(-2), ['first out', 'second in'])
  assert.equal(existsSync(file), false)
})

test('withLock() goes past a lock whose process is gone', async (t) => {
  const file = lockFile(t)
  const gone = spawnSync('true').pid
  mkdirSync(path.dirname(file))
  writeFileSync(file, String(gone))
  assert.equal(await withLock({ file, tell: assert.fail }, () => 'done'), 'done')
})

test('withLock() frees the lock when the work throws', async (t) => {
  const file = lockFile(t)
  const work = (): never => {
    throw new Error('no disk')
  }
  await assert.rejects(withLock({ file, tell: assert.fail }, work), /no disk/)
  assert.equal(existsSync(file), false)
})

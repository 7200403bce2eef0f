/**
 * Two servers on one folder that have the same process number, as in two containers on one machine: LMDB gives only the first of
 * them a reader slot. The newer takes the folder over all the same.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { contest } from '#test/support/contested-folder.ts'
import { temporaryFolder } from '#test/support/file-tree.ts'

/** What the server ends with where it cannot go on. */
const fatalExit = 70
/** Runs a program as number 1 of a numbering of its own. */
const within = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child']

test('the newer of two servers that are both process 1 owns the folder, the older stops with DataDirectoryTaken, and nothing is lost', {
  timeout: 60_000,
}, async (t) => {
  const cannot = withoutNumbering()
  if (cannot !== undefined) return t.skip(cannot)
  using folder = temporaryFolder('same-number')
  await contest({
    start: { folder: folder.path, within },
    look: (older, newer) => {
      assert.equal(older.child.exitCode, fatalExit, older.log())
      assert.doesNotMatch(newer.log(), /DatabaseDamaged|DataDirectoryTaken/)
    },
    end: async (newer) => void (await newer.kill()),
  })
})

/** Why this machine has no second numbering of processes. */
function withoutNumbering(): string | undefined {
  if (process.platform !== 'linux') return 'only Linux has numberings of processes apart'
  if (process.getuid?.() !== 0) return 'only root can make a numbering of processes'
  const [program = '', ...before] = within
  const { status, stderr, error } = spawnSync(program, [...before, 'true'], { encoding: 'utf8' })
  return status === 0 ? undefined : `no numbering of processes: ${error?.message ?? stderr}`
}

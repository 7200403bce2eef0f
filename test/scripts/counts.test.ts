import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { nodeArguments, phases } from '#scripts/phases.mjs'

const suite = `
import { test } from 'node:test'
test('passes', () => {})
test('is skipped', { skip: true }, () => {})
test('is to do', { todo: true }, () => { throw new Error('not yet') })
test('outer', async (t) => { await t.test('fails inside', () => { throw new Error('no') }) })
`

for (const phase of phases.slice(0, 2)) {
  const how = phase.isolated ? 'a process for each file' : 'one process'
  test(`report() counts a whole run with ${how} and names what failed`, (t) => {
    const folder = mkdtempDisposableSync(path.join(tmpdir(), 'counts-'))
    t.after(() => folder.remove())
    const files = ['a.test.mjs', 'b.test.mjs'].map((name) => path.join(folder.path, name))
    for (const file of files) writeFileSync(file, suite)
    const countsFile = path.join(folder.path, 'counts.json')
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const run = spawnSync(process.execPath, nodeArguments(phase, { files, countsFile }), { env })
    assert.equal(run.status, 1)
    const { counts, failures } = JSON.parse(readFileSync(countsFile, 'utf8'))
    assert.deepEqual([counts.passed, counts.failed, counts.skipped, counts.todo], [2, 4, 2, 2])
    assert.equal(failures.length, 2)
    assert.match(failures[0], /^fails inside \(.*a\.test\.mjs:6\)$/)
  })
}

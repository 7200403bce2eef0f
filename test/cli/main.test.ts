/** The command as a process, under the names by which a shell and kubectl find it. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { verbs } from '#cli/verbs.ts'
import { root } from '#test/support/source-tree/source-tree.ts'

let folder: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'strongroom-command-'))
  for (const name of ['strongroom', 'kubectl-strongroom'])
    symlinkSync(join(root, 'cli', name), join(folder, name))
})
after(() => rmSync(folder, { recursive: true, force: true }))

/** Runs what a link of that name leads to, from a folder that is not the checkout. */
function run(name: string, ...args: readonly string[]) {
  const PATH = `${folder}:${dirname(process.execPath)}:${process.env.PATH}`
  const { status, stdout, stderr } = spawnSync(name, args, {
    cwd: tmpdir(),
    encoding: 'utf8',
    env: { ...process.env, PATH, KUBECONFIG: join(folder, 'none') },
  })
  return { status, stdout, stderr }
}

test('strongroom lists its verbs when it is asked for help, and when it is given none', () => {
  const help = run('strongroom', '--help')
  assert.deepEqual([help.status, help.stderr], [0, ''])
  for (const verb of Object.keys(verbs)) assert.match(help.stdout, new RegExp(`^ {2}${verb} `, 'm'))
  const nothing = run('strongroom')
  assert.deepEqual([nothing.status, nothing.stdout], [2, ''])
  assert.match(nothing.stderr, /^strongroom: which\?\n/)
  assert.match(run('strongroom', 'constructor').stderr, /^strongroom: "constructor" is no verb\./)
})

test('kubectl-strongroom is the same command, with exit codes of its own for each kind of failure', () => {
  const help = run('kubectl-strongroom', 'status', '--help')
  assert.deepEqual([help.status, help.stderr], [0, ''])
  assert.match(help.stdout, /^Usage: strongroom status/)
  const wrong = run('kubectl-strongroom', 'certificate', 'paint', 'vault')
  assert.deepEqual([wrong.status, wrong.stdout], [2, ''])
  assert.match(wrong.stderr, /\[CommandInvalid\]\n$/)
  const impossible = run('kubectl-strongroom', 'status')
  assert.deepEqual([impossible.status, impossible.stdout], [1, ''])
  assert.match(impossible.stderr, /\[KubeconfigUnusable\]\n$/)
})

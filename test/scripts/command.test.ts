/** The command where the Node of the shell is older than what runs TypeScript. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { root } from '#test/support/source-tree/source-tree.ts'

/** A checkout with that command and with `node_modules/.bin/node` as given, run by a Node that says it is 20. */
function runInCheckout(main: string, node: string | undefined, ...args: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'old-node-'))
  try {
    for (const path of ['cli', 'scripts', 'node_modules/.bin'])
      mkdirSync(join(folder, path), { recursive: true })
    for (const file of [
      'scripts/command.mjs',
      'scripts/node.mjs',
      'scripts/install.mjs',
      'scripts/lock.mjs',
      'scripts/cache.mjs',
    ])
      copyFileSync(join(root, file), join(folder, file))
    writeFileSync(join(folder, 'cli/main.ts'), main)
    if (node !== undefined)
      writeFileSync(join(folder, 'node_modules/.bin/node'), node, { mode: 0o755 })
    const old = join(folder, 'old.mjs')
    writeFileSync(
      old,
      "Object.defineProperty(process, 'version', { value: 'v20.1.0' })\nawait import('./scripts/command.mjs')\n",
    )
    const run = spawnSync(process.execPath, [old, ...args], {
      encoding: 'utf8',
      env: { ...process.env, PATH: '/nowhere' },
    })
    return { status: run.status, out: run.stdout, err: run.stderr }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const main = "process.stdout.write(process.argv.slice(2).join('|'))\nprocess.exitCode = 3\n"

test('the command runs on the Node of the packages where its own is older, with its arguments and exit code', () => {
  const node = `#!/bin/sh\nexec ${process.execPath} "$@"\n`
  const { status, out, err } = runInCheckout(main, node, 'status', 'a b', '--json')
  assert.deepEqual({ status, out, err }, { status: 3, out: 'status|a b|--json', err: '' })
})

test('the command says which Node it needs where there is none', () => {
  const { status, out, err } = runInCheckout(main, undefined, 'status')
  assert.deepEqual([status, out], [1, ''])
  assert.match(
    err,
    /^strongroom: Cannot run: Node 24 or later is needed, .*put it first in PATH\n$/,
  )
})

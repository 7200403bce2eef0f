/**
 * `npm run demo [-- --acme]`: installs what is missing, runs demo/main.ts, and sees to its end: whatever way it ends, nothing of it stays.
 *
 * The demo gets a process group of its own, so that a Ctrl-C reaches it in one way only: from here, once.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { cacheFolder, clustersFolder } from './cache.mjs'
import { isThere, mayInstall, missingNeeds, provide } from './debian.mjs'
import { install, root } from './install.mjs'
import { findNode } from './node.mjs'

const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])

/** How long the demo may take to clean up by itself. */
const patienceMs = 15_000

try {
  await install({ development: true, tell })
  provide(missingNeeds(['cluster'], isThere), { may: mayInstall(), tell })
  process.exitCode = await run(findNode())
} catch (error) {
  tell(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}

/** @param {string} node @returns {Promise<number>} exit code */
async function run(node) {
  const folder = mkdtempSync(path.join(tmpdir(), 'strongroom-demo-'))
  try {
    const code = await demo(node, folder)
    // Nothing to do but after a demo that had to be killed.
    await ended(spawn(node, [path.join(root, 'test/cluster/built/keeper.ts'), clustersFolder()]))
    return code
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {string} node @param {string} folder for files of the demo @returns {Promise<number>} exit code */
async function demo(node, folder) {
  const args = [path.join(root, 'demo', 'main.ts'), folder, ...process.argv.slice(2)]
  const child = spawn(node, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
    env: { NODE_COMPILE_CACHE: cacheFolder('compile'), ...process.env },
  })
  let isStopping = false
  for (const signal of signals)
    process.on(signal, () => {
      if (isStopping) return
      isStopping = true
      tell('\nTaking everything away …')
      endGroup(child.pid, 'SIGTERM')
      setTimeout(() => endGroup(child.pid, 'SIGKILL'), patienceMs).unref()
    })
  const code = await ended(child)
  return isStopping ? 0 : code
}

/** @param {number | undefined} leader @param {NodeJS.Signals} signal */
function endGroup(leader, signal) {
  try {
    if (leader !== undefined) process.kill(-leader, signal)
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error
  }
}

/** @param {import('node:child_process').ChildProcess} child @returns {Promise<number>} */
function ended(child) {
  child.stdin?.end()
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}

/** @param {string} line */
function tell(line) {
  process.stdout.write(`${line}\n`)
}

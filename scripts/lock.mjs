/**
 * One at a time, across processes: `npm start` and `npm test` may begin together on a fresh clone.
 *
 * The lock is a file that names the process that holds it. One whose process is gone counts for nothing.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const pollMs = 200
const patienceMs = 15 * 60_000

/**
 * Runs `work` while this process alone holds `file`; waits for another holder first and says so through `tell`.
 * @template T
 * @param {{ file: string, tell: (line: string) => void }} lock
 * @param {() => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock({ file, tell }, work) {
  mkdirSync(path.dirname(file), { recursive: true })
  await take(file, tell)
  try {
    return await work()
  } finally {
    rmSync(file, { force: true })
  }
}

/** @param {string} file @param {(line: string) => void} tell */
async function take(file, tell) {
  let told = false
  for (let waitedMs = 0; !took(file); waitedMs += pollMs) {
    const holder = holderOf(file)
    if (holder !== undefined && !isAlive(holder)) {
      rmSync(file, { force: true })
      continue
    }
    if (!told) tell(`Waiting for process ${holder ?? '?'}, which is installing already`)
    told = true
    if (waitedMs > patienceMs) {
      throw new Error(
        `Cannot install: process ${holder} has held ${file} too long. Stop it, or delete the file`,
      )
    }
    await sleep(pollMs)
  }
}

/** @param {string} file */
function took(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false
    throw error
  }
}

/** The process named in the lock; nothing while its file is being written or when it has just gone. @param {string} file */
function holderOf(file) {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined
  } catch {
    return undefined
  }
}

/** @param {number} processId */
function isAlive(processId) {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}

/**
 * Installs what `package-lock.json` asks for and `node_modules` lacks: the first step of `npm start` and `npm test`.
 *
 * Any Node ≥ 20 runs this file; it uses nothing but Node. What is there is read from npm's own record of what it put
 * there, which npm writes last: an install that was cut off counts as none.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, readFileSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder, checkoutName } from './cache.mjs'
import { withLock } from './lock.mjs'

/**
 * @typedef {{ version?: string, integrity?: string, dev?: boolean, devOptional?: boolean, optional?: boolean, link?: boolean }} Entry
 * @typedef {Readonly<Record<string, Entry>>} Packages as in the member `packages` of a lock file: path → entry
 */

const thisFile = fileURLToPath(import.meta.url)

/** The checkout. */
export const root = path.dirname(path.dirname(thisFile))

/**
 * Runs `npm ci` where a package is missing or another version; does nothing otherwise.
 * @param {{ development: boolean, tell?: (line: string) => void }} options `development`: tests need those packages too
 */
export async function install({ development, tell = toStandardError }) {
  if (whatIsMissing(development) === undefined) return
  const lock = { file: path.join(cacheFolder('locks'), checkoutName(root)), tell }
  await withLock(lock, () => {
    const missing = whatIsMissing(development)
    if (missing !== undefined) installAll(missing, tell)
  })
}

/**
 * The first difference between the lock file and what is installed, in words; undefined where there is none.
 * @param {Packages} wanted
 * @param {Packages | undefined} installed
 * @param {boolean} development
 * @returns {string | undefined}
 */
export function difference(wanted, installed, development) {
  if (installed === undefined) return 'nothing is installed yet'
  for (const [place, want] of Object.entries(wanted)) {
    if (place === '' || want.link || (want.dev && !development)) continue
    const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)
    const found = installed[place]
    if (found === undefined) {
      // Optional ones are for other platforms, or could not be had: npm leaves them out without a word.
      if (want.optional || want.devOptional) continue
      return `${name} ${want.version} is missing`
    }
    if (found.version !== want.version || found.integrity !== want.integrity) {
      return `${name} ${want.version} is wanted, ${found.version} is there`
    }
  }
  return undefined
}

/** `PATH` without the folders of npm's that scripts get in front: `npm` must run on the machine's own Node, not on one that it replaces. @param {string} searchPath */
export function withoutNodeModules(searchPath) {
  const folders = searchPath.split(path.delimiter)
  return folders.filter((folder) => !folder.includes('node_modules')).join(path.delimiter)
}

/** @param {boolean} development */
function whatIsMissing(development) {
  const installed = path.join(root, 'node_modules', '.package-lock.json')
  return difference(
    packagesIn(path.join(root, 'package-lock.json')),
    existsSync(installed) ? packagesIn(installed) : undefined,
    development,
  )
}

/** @param {string} lockFile @returns {Packages} */
function packagesIn(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages
}

/** @param {string} missing @param {(line: string) => void} tell */
function installAll(missing, tell) {
  const folder = path.join(root, 'node_modules')
  if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new Error(
      `Cannot install: ${folder} is a link, and ${missing}. Run npm ci in the checkout it leads to`,
    )
  }
  tell(`Installing packages, since ${missing}: npm ci`)
  const npm = spawnSync('npm', ['ci', '--include=dev', '--include=optional', '--loglevel=error'], {
    cwd: root,
    // Standard output stays free for the server's own lines.
    stdio: ['ignore', 2, 2],
    env: { ...process.env, PATH: withoutNodeModules(process.env.PATH ?? '') },
  })
  if (npm.error) throw new Error(`Cannot install: npm did not start (${npm.error.message})`)
  if (npm.status !== 0)
    throw new Error(`Cannot install: npm ci ended with ${npm.status ?? npm.signal}`)
}

/** @param {string} line */
function toStandardError(line) {
  process.stderr.write(`${line}\n`)
}

if (existsSync(process.argv[1] ?? '') && realpathSync(process.argv[1] ?? '') === thisFile) {
  try {
    await install({ development: true })
  } catch (error) {
    toStandardError(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  }
}

/** A checkout with our scripts and nothing else: for tests of `npm start` and `npm test` on files of the test's own. */
import { cpSync, mkdirSync, mkdtempDisposableSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'

const scripts = path.resolve(import.meta.dirname, '../../scripts')

export interface Checkout {
  readonly root: string
  /** For child processes: caches lie in the checkout too, and node:test does not take the child for its own. */
  readonly env: NodeJS.ProcessEnv
}

/** `files`: path → text. Unless they say otherwise, everything that the lock file asks for (nothing) is installed, with a Node that is new enough. */
export function checkout(t: TestContext, files: Readonly<Record<string, string>>): Checkout {
  const folder = mkdtempDisposableSync(path.join(tmpdir(), 'checkout-'))
  t.after(() => folder.remove())
  const lock = JSON.stringify({ packages: {} })
  const all = { 'package-lock.json': lock, 'node_modules/.package-lock.json': lock, ...files }
  for (const [file, text] of Object.entries(all)) {
    mkdirSync(path.join(folder.path, path.dirname(file)), { recursive: true })
    writeFileSync(path.join(folder.path, file), text)
  }
  cpSync(scripts, path.join(folder.path, 'scripts'), { recursive: true })
  mkdirSync(path.join(folder.path, 'node_modules/.bin'))
  symlinkSync(process.execPath, path.join(folder.path, 'node_modules/.bin/node'))
  const { NODE_TEST_CONTEXT: _test, NODE_COMPILE_CACHE: _cache, ...env } = process.env
  return { root: folder.path, env: { ...env, XDG_CACHE_HOME: path.join(folder.path, 'cache') } }
}

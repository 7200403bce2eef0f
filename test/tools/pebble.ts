/**
 * Pebble, Let's Encrypt's own ACME server for tests, from its pinned Go module: built once into the cache, some seconds.
 * Its text is not part of this project (MPL-2.0): only the program runs.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from '#scripts/cache.mjs'
import { goBuild, hashOf } from '#test/cluster/built/go.ts'
import { isGoThere, madeOnce } from './built-once.ts'
import type { Missing, Tell } from './tools.types.ts'

const module = join(import.meta.dirname, 'pebble')

/** Path of the program. Builds it where it is not there; throws what is missing where it cannot. */
export async function pebbleProgram(tell: Tell): Promise<string> {
  const missing = await missingForPebble()
  if (missing !== undefined)
    throw new Error(`Cannot build Pebble: ${missing.reason}. To mend it: ${missing.fix}`)
  const folder = pebbleFolder()
  await madeOnce(folder, async (draft) => {
    tell(`Building Pebble, the ACME server of the tests, into ${folder}: some seconds, once`)
    const packages = ['github.com/letsencrypt/pebble/v2/cmd/pebble']
    await goBuild({ module, output: join(draft, 'pebble'), packages })
  })
  return join(folder, 'pebble')
}

/** Nothing where it is built or can be. */
export async function missingForPebble(): Promise<Missing | undefined> {
  if (existsSync(pebbleFolder()) || (await isGoThere())) return undefined
  return {
    reason: 'Go is missing, from which the ACME server Pebble is built once',
    fix: 'install Go 1.26 or newer (https://go.dev/dl) and put it in PATH',
  }
}

function pebbleFolder(): string {
  return join(cacheFolder('tools'), `pebble-${hashOf(module)}`)
}

/**
 * Knot DNS, an authoritative server that takes updates by RFC 2136: the machine's own, or that of Debian's packages unpacked into
 * the cache, for which nobody has to be root. Only the programs run (GPL-3.0): none of its text is here.
 */
import { accessSync, constants, existsSync, globSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { cacheFolder } from '#scripts/cache.mjs'
import { run, succeeds } from '#test/cluster/run.ts'
import { madeOnce } from './built-once.ts'
import type { Missing, Tell } from './tools.types.ts'

export interface Knot {
  readonly knotd: string
  readonly knotc: string
  /** What both are run with. */
  readonly env: NodeJS.ProcessEnv
}

/** The programs. Fetches them where they are not there; throws what is missing where that cannot be. */
export async function knotPrograms(tell: Tell): Promise<Knot> {
  const installed = installedKnot()
  if (installed !== undefined) return installed
  const missing = await missingForKnot()
  if (missing !== undefined)
    throw new Error(`Cannot run Knot: ${missing.reason}. To mend it: ${missing.fix}`)
  await madeOnce(unpacked(), (draft) => fetchPackages(draft, tell))
  return unpackedKnot(unpacked())
}

/** Nothing where it is there or can be fetched. */
export async function missingForKnot(): Promise<Missing | undefined> {
  if (installedKnot() !== undefined || existsSync(unpacked())) return undefined
  if (await succeeds('apt-get', ['--version'])) return undefined
  return {
    reason: 'the DNS server Knot is missing (knotd and knotc)',
    fix: 'install Knot DNS 3.2 or newer (https://www.knot-dns.cz) and put both in PATH',
  }
}

/** Names of the packages in what `apt-get --simulate install` prints. */
function packagesToFetch(simulated: string): string[] {
  return [...simulated.matchAll(/^Inst (\S+) /gm)].map(([, name = '']) => name)
}

/** Downloads Knot with all that this machine lacks for it, and unpacks it there. */
async function fetchPackages(folder: string, tell: Tell): Promise<void> {
  tell(`Fetching Knot, the DNS server of the tests, into ${unpacked()}: once`)
  const simulate = ['--simulate', '--no-install-recommends', 'install', 'knot']
  // Lists of packages are missing in fresh containers; only root may fetch them.
  if (!(await succeeds('apt-get', simulate))) await run('apt-get', ['update', '--quiet'])
  const packages = packagesToFetch(await run('apt-get', simulate))
  await run('apt-get', ['download', ...packages], { cwd: folder })
  for (const archive of readdirSync(folder).filter((name) => name.endsWith('.deb')))
    await run('dpkg-deb', ['--extract', archive, '.'], { cwd: folder })
}

function unpacked(): string {
  return join(cacheFolder('tools'), 'knot')
}

function unpackedKnot(folder: string): Knot {
  const libraries = globSync(join(folder, 'usr/lib/*-linux-gnu')).join(delimiter)
  return {
    knotd: join(folder, 'usr/sbin/knotd'),
    knotc: join(folder, 'usr/sbin/knotc'),
    env: { ...process.env, LD_LIBRARY_PATH: libraries },
  }
}

function installedKnot(): Knot | undefined {
  const [knotd, knotc] = ['knotd', 'knotc'].map(installedAt)
  return knotd === undefined || knotc === undefined ? undefined : { knotd, knotc, env: process.env }
}

function installedAt(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

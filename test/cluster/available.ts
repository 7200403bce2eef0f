/** Which kind of cluster this machine can have, or why none and what would help. */
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'
import { cacheFolder } from '#scripts/cache.mjs'
import { missingNeeds } from '#scripts/debian.mjs'
import { areBuilt } from './built/build.ts'
import { succeeds } from './run.ts'

export type Available =
  | { readonly kind: 'built' }
  | { readonly kind: 'kind' }
  | { readonly kind: 'none'; readonly reason: string; readonly fix: string }

export async function availableCluster(): Promise<Available> {
  if (await succeeds('docker', ['info'])) return { kind: 'kind' }
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return {
      kind: 'none',
      reason: 'Docker does not run, and only root on Linux can make namespaces',
      fix: 'start Docker, or run the tests as root in a virtual machine',
    }
  }
  const missing = missingNeeds(['cluster'], isThere, true).map((need) => need.package)
  if (missing.length > 0)
    return {
      kind: 'none',
      reason: `packages are missing: ${missing.join(', ')}`,
      fix: `apt-get install --no-install-recommends ${missing.join(' ')}`,
    }
  if (!areBuilt(cacheFolder('kubernetes')) && !isThere('go'))
    return {
      kind: 'none',
      reason: 'Go is missing, from which Kubernetes is built once',
      fix: 'install Go 1.26 or newer (https://go.dev/dl) and put it in PATH, or start Docker',
    }
  if (!existsSync('/sys/fs/cgroup/cpuset')) {
    return {
      kind: 'none',
      reason: 'control groups of version 1 are not mounted, which the built cluster needs',
      fix: 'start Docker',
    }
  }
  return { kind: 'built' }
}

function isThere(file: string): boolean {
  if (isAbsolute(file)) return existsSync(file)
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/local/go/bin',
    '/usr/sbin',
    '/sbin',
  ]
  return folders.some((folder) => isExecutable(join(folder, file)))
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

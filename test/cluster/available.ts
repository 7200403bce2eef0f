/** Which kind of cluster this machine can have, or why none and what would help. */
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { succeeds } from './run.ts'

export type Available =
  | { readonly kind: 'built' }
  | { readonly kind: 'kind' }
  | { readonly kind: 'none'; readonly reason: string; readonly fix: string }

/** Programs that a built cluster needs of the machine, and the Debian package of each. */
export const builtNeeds = [
  ['runc', 'runc'],
  ['nft', 'nftables'],
  ['ip', 'iproute2'],
  ['nsenter', 'util-linux'],
  ['openssl', 'openssl'],
  ['gcc', 'gcc'],
  ['go', 'golang (1.26 or newer)'],
] as const

export async function availableCluster(): Promise<Available> {
  if (await succeeds('docker', ['info'])) return { kind: 'kind' }
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return {
      kind: 'none',
      reason: 'Docker does not run, and only root on Linux can make namespaces',
      fix: 'start Docker, or run the tests as root in a virtual machine',
    }
  }
  const missing = builtNeeds.filter(([program]) => !isOnPath(program)).map(([, name]) => name)
  if (missing.length > 0)
    return {
      kind: 'none',
      reason: `programs are missing: ${missing.join(', ')}`,
      fix: `apt-get install ${missing.join(' ')}`,
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

function isOnPath(program: string): boolean {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/local/go/bin',
    '/usr/sbin',
    '/sbin',
  ]
  return folders.some((folder) => isExecutable(join(folder, program)))
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** `go build`, the same way for everything that is built here: without cgo, and with nothing of this machine in the result. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../run.ts'

export interface GoBuild {
  /** Folder of the go.mod. */
  readonly module: string
  /** A file, or a folder with `/` at its end. */
  readonly output: string
  readonly packages: readonly string[]
  readonly tags?: string
  /** Strings that are set at link time: `package.name=value`. */
  readonly linked?: readonly string[]
}

export async function goBuild({
  module,
  output,
  packages,
  tags = '',
  linked = [],
}: GoBuild): Promise<void> {
  const ldflags = `-s -w ${linked.map((pair) => `-X ${pair}`).join(' ')}`
  const flags = ['-p', '2', '-tags', tags, '-ldflags', ldflags]
  await run('go', ['build', ...flags, '-o', output, ...packages], {
    cwd: module,
    env: goEnvironment(),
    show: true,
  })
}

/** Where Go is installed without being in PATH, it is found all the same. */
export function goEnvironment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: `${process.env.PATH}:/usr/local/go/bin`,
    CGO_ENABLED: '0',
    GOFLAGS: '-trimpath -buildvcs=false',
  }
}

/** A short name for what these folders and files hold: programs built from them are cached under it. */
export function hashOf(...paths: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of paths.flatMap(filesBelow)) hash.update(readFileSync(file))
  return hash.digest('hex').slice(0, 16)
}

function filesBelow(path: string): string[] {
  if (path.endsWith('.ts')) return [path]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

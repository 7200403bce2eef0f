/**
 * Folders as kubelet mounts Secrets and ConfigMaps: the files lie in a folder of their generation, `..data` links to it, and the
 * names link through `..data`. A change writes a new generation and swaps that one link; the old generation is removed at once.
 */
import {
  chmod,
  chown,
  mkdir,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'

/** Name → content. */
export type Contents = Readonly<Record<string, string | Uint8Array>>

export interface Ownership {
  /** Group of the files; they belong to root, which only root can arrange. */
  readonly group?: number
  readonly mode?: number
}

export interface Mounted {
  readonly path: string
  /** Another content, all at once. */
  swap(contents: Contents): Promise<void>
}

/** Mounts the content on a folder, which is made where it is missing. */
export async function mounted(
  path: string,
  contents: Contents,
  ownership: Ownership = {},
): Promise<Mounted> {
  await mkdir(path, { recursive: true })
  let generation = 0
  const swap = async (next: Contents): Promise<void> => {
    generation += 1
    const name = `..generation_${generation}`
    await writeGeneration(join(path, name), next, ownership)
    await link(path, '..data', name)
    for (const file of Object.keys(next)) await link(path, file, join('..data', file))
    for (const stale of await readdir(path)) {
      const isStale = stale !== name && stale !== '..data' && next[stale] === undefined
      if (isStale) await rm(join(path, stale), { recursive: true })
    }
  }
  await swap(contents)
  return { path, swap }
}

async function writeGeneration(
  folder: string,
  contents: Contents,
  { group, mode = 0o644 }: Ownership,
): Promise<void> {
  await mkdir(folder)
  for (const [name, content] of Object.entries(contents)) {
    const file = join(folder, name)
    await writeFile(file, content)
    await chmod(file, mode)
    if (group !== undefined) await chown(file, 0, group)
  }
}

async function link(folder: string, name: string, target: string): Promise<void> {
  const path = join(folder, name)
  if ((await readlink(path).catch(() => '')) === target) return
  await symlink(target, `${path}_new`)
  await rename(`${path}_new`, path)
}

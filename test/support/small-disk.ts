/** A file system of a few megabytes: only root can have one, and says so where it cannot. */
import { spawnSync } from 'node:child_process'
import { temporaryFolder } from './storage.ts'

export interface SmallDisk extends AsyncDisposable {
  readonly path: string
  /** Why there is none; a test skips with that. */
  readonly cannot: string | undefined
}

/** `size` as mount takes it, e.g. `4m`. */
export async function smallDisk(size = '4m'): Promise<SmallDisk> {
  const folder = await temporaryFolder()
  const isRoot = process.platform === 'linux' && process.getuid?.() === 0
  const mount = isRoot
    ? spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder.path])
    : { status: 1, stderr: 'only root can mount a small disk' }
  return {
    path: folder.path,
    cannot: mount.status === 0 ? undefined : `no small disk: ${mount.stderr}`,
    [Symbol.asyncDispose]: async () => {
      if (mount.status === 0) spawnSync('umount', [folder.path])
      await folder[Symbol.asyncDispose]()
    },
  }
}

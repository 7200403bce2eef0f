/** Control groups of the nodes' pods, in every hierarchy of version 1. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = '/sys/fs/cgroup'

/** Hierarchies that take groups. */
function hierarchies(): readonly string[] {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(root, entry.name))
}

export function makeNodeGroup(cluster: string, node: number): void {
  for (const hierarchy of hierarchies())
    mkdirSync(join(hierarchy, cluster, `n${node}`), { recursive: true })
  // A group of processors is empty until it is told which.
  const sets = join(root, 'cpuset')
  for (const group of [cluster, join(cluster, `n${node}`)]) {
    for (const file of ['cpuset.cpus', 'cpuset.mems'])
      writeFileSync(join(sets, group, file), readFileSync(join(sets, file)))
  }
}

/** Removes a group with all below it. The kernel empties a group a moment after its processes ended, so it is tried again. */
export async function removeGroups(path: string): Promise<void> {
  for (const hierarchy of hierarchies()) {
    const group = join(hierarchy, path)
    for (let attempt = 0; attempt < 50 && existsSync(group); attempt += 1) {
      removeTree(group)
      if (existsSync(group)) await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

function removeTree(group: string): void {
  for (const entry of readdirSync(group, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(group, entry.name))
  }
  try {
    rmdirSync(group)
  } catch (error) {
    if (
      !(
        error instanceof Error &&
        'code' in error &&
        (error.code === 'EBUSY' || error.code === 'ENOENT')
      )
    )
      throw error
  }
}

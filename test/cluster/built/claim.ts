/**
 * Which clusters of this machine belong to whom. Several runs may have one each at the same time; one whose process is gone,
 * however it went, belongs to nobody and may be taken down by anybody.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withLock } from '#scripts/lock.mjs'
import { clustersMax } from './layout.ts'

const pattern = /^cluster-(\d)\.owner$/

/** Runs `work` while no other process claims or takes down a cluster. */
export function alone<T>(root: string, work: () => Promise<T>): Promise<T> {
  return withLock({ file: join(root, 'lock'), tell: () => undefined }, work)
}

/** Marks a free number as this process's own. Call it `alone`. */
export function claim(root: string): number {
  const taken = readdirSync(root).map(numberOf)
  const free = Array.from({ length: clustersMax }, (_, index) => index + 1).find(
    (id) => !taken.includes(id),
  )
  if (free === undefined)
    throw new Error(
      `Cannot bring up a cluster: ${clustersMax} run on this machine already (${root})`,
    )
  writeFileSync(ownerFile(root, free), `${process.pid} ${startOf(process.pid)}`)
  return free
}

export function release(root: string, id: number): void {
  rmSync(ownerFile(root, id), { force: true })
}

/** Numbers of clusters whose process is gone. */
export function abandoned(root: string): readonly number[] {
  return readdirSync(root)
    .map(numberOf)
    .filter((id): id is number => id !== undefined)
    .filter((id) => !isOwned(readFileSync(ownerFile(root, id), 'utf8')))
}

/** A process number may be somebody else's by now: its start tells. */
function isOwned(owner: string): boolean {
  const [pid, start] = owner.split(' ')
  return start !== undefined && start === startOf(Number(pid))
}

/** When a process was started, in clock ticks since boot; nothing where there is none, or only what nobody asked about yet. */
function startOf(pid: number): string | undefined {
  try {
    // The name of the program, in brackets, may hold spaces.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

function numberOf(name: string): number | undefined {
  const [, id] = pattern.exec(name) ?? []
  return id === undefined ? undefined : Number(id)
}

function ownerFile(root: string, id: number): string {
  return join(root, `cluster-${id}.owner`)
}

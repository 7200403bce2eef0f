/** One cluster number for one process: two test runs on a machine do not tear each other's cluster down. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Numbers that the addresses have room for. */
const numbers = [1, 2] as const

/** The first number that no living process holds, `preferred` before the other; held until `release`. */
export function claimNumber(
  root: string,
  preferred: number,
): { readonly id: number; readonly release: () => void } {
  mkdirSync(root, { recursive: true })
  for (const id of [...numbers].sort((a, b) => Number(b === preferred) - Number(a === preferred))) {
    const file = join(root, `cluster-${id}.claim`)
    if (isHeld(file)) continue
    rmSync(file, { force: true })
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' })
    } catch {
      continue
    }
    return { id, release: () => rmSync(file, { force: true }) }
  }
  throw new Error(
    `Cannot bring up a cluster: both of this machine are in use (see ${root}); wait for the other run to end`,
  )
}

function isHeld(file: string): boolean {
  try {
    const pid = Number(readFileSync(file, 'utf8'))
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

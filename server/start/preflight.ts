/** What about this machine could give secrets away, looked at once at start. Conditions, not errors: the owner decides. */
import { readFile } from 'node:fs/promises'

export interface Condition {
  /** One word, for monitoring. */
  readonly condition: 'CoreDumpsEnabled' | 'SwapEnabled'
  readonly message: string
}

/** Reads a file of `/proc`; nothing where it is not there. */
type ReadText = (path: string) => Promise<string | undefined>

const procText: ReadText = (path) => readFile(path, 'utf8').catch(() => undefined)

/** The conditions that hold. Keys lie in locked memory; pages in the cache and documents on their way do not. */
export async function preflight(readText: ReadText = procText): Promise<readonly Condition[]> {
  const [limits, swaps] = await Promise.all([
    readText('/proc/self/limits'),
    readText('/proc/swaps'),
  ])
  return [...coreDumps(limits ?? ''), ...swapAreas(swaps ?? '')]
}

function coreDumps(limits: string): readonly Condition[] {
  const size = /^Max core file size\s+(\S+)/m.exec(limits)?.[1]
  if (size === undefined || size === '0') return []
  const message = 'A crash may write memory with documents in it to a core file; set "ulimit -c 0"'
  return [{ condition: 'CoreDumpsEnabled', message }]
}

function swapAreas(swaps: string): readonly Condition[] {
  const areas = swaps.trim().split('\n').slice(1)
  if (areas.length === 0) return []
  const message = 'Memory with documents in it may be written to swap; encrypt it or turn it off'
  return [{ condition: 'SwapEnabled', message }]
}

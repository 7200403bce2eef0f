/** Requests of one caller, from the API server's audit log. */
import type { Cluster } from '#test/cluster/cluster.ts'

interface AuditEvent {
  readonly user: { readonly username: string }
  readonly userAgent?: string
  readonly verb?: string
  readonly stage?: string
  readonly objectRef?: { readonly resource: string }
}

/** Is a request its own? */
export type Caller = (event: Pick<AuditEvent, 'user' | 'userAgent'>) => boolean

const reading = new Set(['get', 'list', 'watch'])

/**
 * How many so far, and how many of them change something; renewals of a lease are not counted. Reads are in the log of a cluster that was
 * brought up with `auditsReads`.
 */
export async function requests(
  cluster: Cluster,
  isCaller: Caller,
): Promise<{ readonly calls: number; readonly changes: number }> {
  let calls = 0
  let changes = 0
  for await (const line of cluster.auditLines()) {
    const event: AuditEvent = JSON.parse(line)
    // A watch is written down when it begins, too.
    const isCounted = event.stage !== 'ResponseStarted' && event.objectRef?.resource !== 'leases'
    if (!isCounted || !isCaller(event)) continue
    calls += 1
    if (!reading.has(event.verb ?? '')) changes += 1
  }
  return { calls, changes }
}

/** How many change something in that time. */
export async function writesDuring(
  cluster: Cluster,
  isCaller: Caller,
  seconds: number,
): Promise<number> {
  const before = await requests(cluster, isCaller)
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  return (await requests(cluster, isCaller)).changes - before.changes
}

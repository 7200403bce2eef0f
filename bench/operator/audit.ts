/** Changing requests of one caller, from the API server's audit log. */
import type { Cluster } from '#test/cluster/cluster.ts'

interface AuditEvent {
  readonly user: { readonly username: string }
  readonly userAgent?: string
  readonly objectRef?: { readonly resource: string }
}

/** How many so far; renewals of a lease are not counted. */
export async function writes(
  cluster: Cluster,
  isCaller: (event: AuditEvent) => boolean,
): Promise<number> {
  let count = 0
  for await (const line of cluster.auditLines()) {
    const event: AuditEvent = JSON.parse(line)
    if (isCaller(event) && event.objectRef?.resource !== 'leases') count += 1
  }
  return count
}

/** How many in that time. */
export async function writesDuring(
  cluster: Cluster,
  isCaller: (event: AuditEvent) => boolean,
  seconds: number,
): Promise<number> {
  const before = await writes(cluster, isCaller)
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  return (await writes(cluster, isCaller)) - before
}

/** What both sides are asked for: a certificate for each name, from one CA, in a namespace of its own. */
import type { Cluster } from '#test/cluster/cluster.ts'
import type { Ca } from './authorized-ca.ts'

export interface Task {
  readonly cluster: Cluster
  readonly ca: Ca
  readonly namespace: string
  readonly validation: 'instant' | 'dns-01'
  /** From the last certificate to the look at what the process keeps. */
  readonly restSeconds: number
}

/** Objects as they are, one request each. */
export function applyAll(
  { cluster, namespace }: Pick<Task, 'cluster' | 'namespace'>,
  objects: readonly unknown[],
): Promise<string> {
  const text = objects.map((object) => JSON.stringify(object)).join('\n---\n')
  return cluster.apply(text, '-n', namespace, '--server-side', '--force-conflicts')
}

/** The account's key and the key for the zone, under the names that both issuers use. */
export function secretsOf({ accountKey, lab }: Ca): readonly unknown[] {
  const secret = (name: string, stringData: Readonly<Record<string, string>>) => ({
    ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name } },
    stringData,
  })
  return [
    secret('account', { 'tls.key': accountKey }),
    secret('tsig', { key: lab.dns.tsigKey.secret }),
  ]
}

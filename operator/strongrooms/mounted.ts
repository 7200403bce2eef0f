/** A hash over everything that pods mount: when it changes, kubelet is told to look. */
import { createHash } from 'node:crypto'
import { names } from '#operator/api/names.ts'
import type { Observed } from './observe.ts'

export function mountedHash({ cluster, secrets, masterKey }: Observed): string {
  const { name } = cluster.metadata
  const contents = [
    secrets.get(names.internalTls(name))?.data,
    secrets.get(names.serverTls(name))?.data,
    secrets.get(names.admins(name))?.data,
    masterKey?.data,
  ]
  return createHash('sha256').update(JSON.stringify(contents)).digest('hex').slice(0, 16)
}

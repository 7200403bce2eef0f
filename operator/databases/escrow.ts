/** The Secret that keeps a database's key: made before the database, never deleted by us. */
import { hkdfSync, randomBytes } from 'node:crypto'
import type { StrongroomDatabase } from '#operator/api/database.ts'
import { names } from '#operator/api/names.ts'
import { annotation, clusterLabels } from '#operator/kube/labels.ts'
import { type Secret, secretData } from '#operator/kube/secret.ts'

/** Key of the Secret under which the 32 raw bytes lie. */
export const keyName = 'database.key'

/** A new Secret with a new key. Without owner: it outlives the resource. */
export function newEscrow(database: StrongroomDatabase): Secret {
  const { name, namespace } = database.metadata
  const key = randomBytes(32)
  const data = secretData({ [keyName]: key })
  key.fill(0)
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: names.databaseKey(name),
      ...(namespace === undefined ? {} : { namespace }),
      labels: clusterLabels(database.spec.clusterRef.name, 'database-key'),
      annotations: { [annotation.source]: `StrongroomDatabase/${name}` },
    },
    type: 'strongroom.dev/database-key',
    data,
  }
}

/** A name for the key that tells nothing about it. */
export function fingerprintOf(key: Uint8Array): string {
  return Buffer.from(hkdfSync('sha256', key, '', 'strongroom key fingerprint v1', 16)).toString(
    'hex',
  )
}

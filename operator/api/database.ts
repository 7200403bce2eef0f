/** `StrongroomDatabase` (srdb): a database on a Strongroom. */

import type { KubeObject } from '#operator/kube/kube.ts'
import { type Static, Type } from '#shared/schema/type.ts'
import {
  age,
  apiVersion,
  type Column,
  cluster,
  clusterRef,
  conditions,
  type FieldRule,
  message,
  ready,
  reason,
  unchangeable,
} from './common.ts'
import { defineKind } from './kind.ts'

const spec = Type.Object({
  clusterRef,
  name: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 128,
      pattern: '^[A-Za-z0-9_-]([A-Za-z0-9_.-]*[A-Za-z0-9_-])?$',
      description: "Name on the server. Left out: this resource's own. Cannot be changed.",
    }),
  ),
  encrypted: Type.Optional(
    Type.Boolean({
      default: true,
      description: 'Sealed at rest with a key of its own. Cannot be changed.',
    }),
  ),
  reclaimPolicy: Type.Optional(
    Type.Union([Type.Literal('Retain'), Type.Literal('Delete')], {
      default: 'Retain',
      description:
        'What happens to the database when this resource is deleted. The Secret with its key always stays.',
    }),
  ),
  driftPolicy: Type.Optional(
    Type.Union([Type.Literal('Enforce'), Type.Literal('Observe')], {
      default: 'Enforce',
      description: 'Whether a difference found on the server is repaired or only shown.',
    }),
  ),
})

const status = Type.Object({
  observedGeneration: Type.Optional(Type.Integer({ minimum: 0 })),
  conditions: Type.Optional(conditions),
  databaseId: Type.Optional(
    Type.String({ maxLength: 64, description: 'Id of the database on the server.' }),
  ),
  storeId: Type.Optional(
    Type.String({ maxLength: 64, description: 'Id of the server store that it was made on.' }),
  ),
  keySecretName: Type.Optional(
    Type.String({
      maxLength: 253,
      description: 'The escrow: the Secret with the key, kept for disaster recovery.',
    }),
  ),
  keyFingerprint: Type.Optional(Type.String({ maxLength: 64 })),
})

export type StrongroomDatabaseSpec = Static<typeof spec>
export type StrongroomDatabaseStatus = Static<typeof status>
export interface StrongroomDatabase extends KubeObject {
  readonly spec: StrongroomDatabaseSpec
  readonly status?: StrongroomDatabaseStatus
}

const rules: readonly FieldRule[] = [
  unchangeable(['clusterRef'], 'The cluster of a database'),
  unchangeable(['name'], 'The name of a database'),
  unchangeable(['encrypted'], 'The encryption of a database'),
  {
    path: [],
    rule: 'has(self.name) == has(oldSelf.name)',
    message: 'The name of a database cannot be changed: make a new resource',
  },
]

const columns: readonly Column[] = [
  cluster,
  { name: 'Encrypted', type: 'boolean', jsonPath: '.spec.encrypted' },
  ready,
  reason,
  age,
  { name: 'Key-Secret', type: 'string', jsonPath: '.status.keySecretName', wide: true },
  message,
]

export const strongroomDatabases = defineKind({
  apiVersion,
  kind: 'StrongroomDatabase',
  plural: 'strongroomdatabases',
  shortName: 'srdb',
  spec,
  status,
  rules,
  columns,
  description: 'A database on a Strongroom.',
})

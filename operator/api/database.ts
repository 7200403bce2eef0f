/** `StrongroomDatabase` (srdb): a database on a Strongroom. */

import type { KubeObject } from '#operator/kube/kube.ts'
import { databaseNameCharactersMax, databaseNameObjection } from '#shared/database-name.ts'
import { type Static, Type } from '#shared/schema/type.ts'
import { usableDatabaseName } from './address-rules.ts'
import {
  age,
  apiVersion,
  type Column,
  cluster,
  clusterRef,
  conditions,
  type FieldRule,
  message,
  type Rule,
  ready,
  reason,
  unchangeable,
} from './common.ts'
import { defineKind } from './kind.ts'
import { databaseName } from './texts.ts'

const spec = Type.Object({
  clusterRef,
  name: Type.Optional(
    Type.String({
      ...databaseName,
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
      description:
        'Enforce: a database that was disabled on the server is enabled again. Observe: it is only shown, in the condition DriftDetected. A database that is gone, or another one, is never replaced by itself.',
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
  usableDatabaseName(['name']),
  {
    path: [],
    rule: 'has(self.name) == has(oldSelf.name)',
    message: 'The name of a database cannot be changed: make a new resource',
  },
]

const ofItself = usableDatabaseName([], 'self.metadata.name')

/** Where it has no name of its own, the resource's is the database's. */
const wholeRules: readonly Rule[] = [
  {
    rule: `has(self.spec.name) || (self.metadata.name.size() <= ${databaseNameCharactersMax} && ${ofItself.rule})`,
    message: `without spec.name the name of the resource is the database's: at most ${databaseNameCharactersMax} characters, and ${ofItself.message}`,
    holds: (resource) => {
      const { spec, metadata } = resource as StrongroomDatabase
      return spec.name !== undefined || databaseNameObjection(metadata.name) === undefined
    },
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
  wholeRules,
  columns,
  description: 'A database on a Strongroom.',
})

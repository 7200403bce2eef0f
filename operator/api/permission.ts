/** `StrongroomPermission` (srperm): who may do what on a Strongroom, until when. */

import type { KubeObject } from '#operator/kube/kube.ts'
import { thumbprintsMax } from '#operator/limits.ts'
import { databaseKey } from '#shared/database-name.ts'
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
  ready,
  reason,
  secretRef,
  unchangeable,
} from './common.ts'
import { defineKind } from './kind.ts'
import { exactlyOne } from './rules.ts'
import { databaseName, objectName } from './texts.ts'

const subject = Type.Object(
  {
    certificateRef: Type.Optional(
      Type.Object(
        { name: objectName },
        { description: 'A StrongroomCertificate of the same cluster.' },
      ),
    ),
    secretRef: Type.Optional(secretRef),
    thumbprint: Type.Optional(
      Type.String({
        pattern: '^[0-9A-F]{40}$',
        maxLength: 40,
        description: 'SHA-1 of a registered certificate, upper-case hex.',
      }),
    ),
    publicKeyPin: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9+/]{43}=$',
        maxLength: 44,
        description: 'Base64 SHA-256 of the public key of a registered certificate.',
      }),
    ),
  },
  { description: 'Whose rights: exactly one.' },
)

const access = Type.Union([Type.Literal('Admin'), Type.Literal('ReadWrite'), Type.Literal('Read')])

const grant = Type.Object({
  name: Type.String({
    ...databaseName,
    description: 'Name of the database on the server.',
  }),
  access,
})

/** Without a pattern: a status that does not fit its schema would not be written at all. */
const appliedGrant = Type.Object({
  name: Type.String({ maxLength: databaseName.maxLength }),
  access,
})

type Grant = Static<typeof grant>

const spec = Type.Object({
  clusterRef,
  subject,
  clearance: Type.Optional(
    Type.Union(
      [Type.Literal('ClusterAdmin'), Type.Literal('Operator'), Type.Literal('ValidUser')],
      {
        default: 'ValidUser',
        description:
          'What the subject may do on the server itself. Admins and operators may use every database.',
      },
    ),
  ),
  databases: Type.Optional(
    Type.Array(grant, {
      maxItems: 256,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    }),
  ),
  notAfter: Type.Optional(
    Type.String({ format: 'date-time', description: 'The rights end then by themselves.' }),
  ),
  driftPolicy: Type.Optional(
    Type.Union([Type.Literal('Enforce'), Type.Literal('Observe')], { default: 'Enforce' }),
  ),
})

const status = Type.Object({
  observedGeneration: Type.Optional(Type.Integer({ minimum: 0 })),
  conditions: Type.Optional(conditions),
  applied: Type.Optional(
    Type.Object({
      thumbprints: Type.Array(Type.String({ maxLength: 40 }), { maxItems: thumbprintsMax }),
      clearance: Type.String({ maxLength: 32 }),
      databases: Type.Array(appliedGrant, { maxItems: 256 }),
    }),
  ),
  lastDrift: Type.Optional(
    Type.Object({
      time: Type.String({ format: 'date-time' }),
      fields: Type.Array(Type.String({ maxLength: 300 }), { maxItems: 32 }),
    }),
  ),
})

export type StrongroomPermissionSpec = Static<typeof spec>
export type StrongroomPermissionStatus = Static<typeof status>
export interface StrongroomPermission extends KubeObject {
  readonly spec: StrongroomPermissionSpec
  readonly status?: StrongroomPermissionStatus
}

const rules: readonly FieldRule[] = [
  unchangeable(['clusterRef'], 'The cluster of a permission'),
  unchangeable(['subject'], 'The subject of a permission'),
  exactlyOne(
    ['subject'],
    ['certificateRef', 'secretRef', 'thumbprint', 'publicKeyPin'],
    'name exactly one subject: certificateRef, secretRef, thumbprint or publicKeyPin',
  ),
  {
    path: [],
    rule: "self.clearance == 'ValidUser' ? has(self.databases) && size(self.databases) > 0 : !has(self.databases) || size(self.databases) == 0",
    message:
      'a ValidUser needs databases; ClusterAdmin and Operator may use every database and name none',
    holds: (self) => {
      const { clearance = 'ValidUser', databases = [] } = self as StrongroomPermissionSpec
      return (clearance === 'ValidUser') === databases.length > 0
    },
  },
  usableDatabaseName(['databases', '[]', 'name']),
  {
    path: ['databases'],
    message: 'names of databases that differ in case only are one database: name each once',
    holds: (databases) => {
      const names = (databases as readonly Grant[]).map(({ name }) => databaseKey(name))
      return new Set(names).size === names.length
    },
  },
  {
    path: ['notAfter'],
    rule: "self >= timestamp('1970-01-01T00:00:00Z') && self <= timestamp('9999-12-31T23:59:59Z')",
    message: 'rights end between the years 1970 and 9999',
    holds: (time) => {
      const ms = Date.parse(String(time))
      return ms >= 0 && ms <= Date.UTC(9999, 11, 31, 23, 59, 59)
    },
  },
]

const columns: readonly Column[] = [
  cluster,
  { name: 'Certificate', type: 'string', jsonPath: '.spec.subject.certificateRef.name' },
  { name: 'Clearance', type: 'string', jsonPath: '.spec.clearance' },
  ready,
  reason,
  age,
  message,
]

export const strongroomPermissions = defineKind({
  apiVersion,
  kind: 'StrongroomPermission',
  plural: 'strongroompermissions',
  shortName: 'srperm',
  spec,
  status,
  rules,
  columns,
  description: 'Rights of a certificate on a Strongroom.',
})

/** `Strongroom` (sr): a cluster of servers, its storage, keys and certificates. */

import type { KubeObject } from '#operator/kube/kube.ts'
import { orderState } from '#shared/acme/order-state.ts'
import { renewalState } from '#shared/acme/renewal-state.ts'
import { type Static, Type } from '#shared/schema/type.ts'
import {
  age,
  apiVersion,
  type Column,
  certificateSummary,
  conditions,
  dnsName,
  type FieldRule,
  hostName,
  issuerRef,
  issuerRules,
  message,
  objectName,
  ready,
  reason,
  secretRef,
  unchangeable,
} from './common.ts'
import { defineKind } from './kind.ts'

const quantity = Type.String({
  minLength: 1,
  maxLength: 32,
  pattern: '^[0-9]+(\\.[0-9]+)?(Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)?$',
  description: 'An amount of storage, e.g. 10Gi.',
})

/** CPU may be a part of one, e.g. 500m. */
const amount = Type.String({
  maxLength: 32,
  pattern: '^[0-9]+(\\.[0-9]+)?(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$',
})

const resources = Type.Object(
  {
    requests: Type.Optional(Type.Record(Type.String(), amount)),
    limits: Type.Optional(Type.Record(Type.String(), amount)),
  },
  { description: 'As in a container: cpu and memory, requested and limited.' },
)

const toleration = Type.Object({
  key: Type.Optional(Type.String({ maxLength: 316 })),
  operator: Type.Optional(Type.String({ maxLength: 16 })),
  value: Type.Optional(Type.String({ maxLength: 253 })),
  effect: Type.Optional(Type.String({ maxLength: 32 })),
  tolerationSeconds: Type.Optional(Type.Integer()),
})

/** Its Services bear this name, and everything that belongs to it a label with it. */
const name = Type.String({ maxLength: 63, pattern: '^[a-z]([-a-z0-9]*[a-z0-9])?$' })

const spec = Type.Object({
  members: Type.Integer({
    minimum: 1,
    maximum: 1,
    default: 1,
    description:
      'Servers of the cluster. More than one needs the replicated log, which is not there yet.',
  }),
  image: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 512,
      description:
        "Image of the servers. Left out: the operator's own, kept as it was when the cluster was made.",
    }),
  ),
  storage: Type.Object({
    size: quantity,
    className: Type.Optional(objectName),
  }),
  tls: Type.Optional(
    Type.Object(
      {
        server: Type.Object(
          {
            selfSigned: Type.Optional(
              Type.Object(
                {},
                {
                  description: 'A private server CA of this cluster signs the public certificate.',
                },
              ),
            ),
            secretRef: Type.Optional(secretRef),
            issuerRef: Type.Optional(issuerRef),
          },
          { description: 'Where the public server certificate comes from: exactly one.' },
        ),
        dnsNames: Type.Optional(
          Type.Array(dnsName, {
            maxItems: 64,
            description: 'Further names of the public certificate.',
          }),
        ),
      },
      { default: { server: { selfSigned: {} } } },
    ),
  ),
  exposure: Type.Optional(
    Type.Object(
      { host: hostName },
      { description: 'The public name: served by SNI and answered in the topology.' },
    ),
  ),
  encryption: Type.Optional(
    Type.Object({
      masterKey: Type.Optional(
        Type.Object(
          { secretRef },
          {
            description:
              'A Secret with the master key (32 bytes) under `master.key`, or under key ids with `active-id`. Left out: made once by the operator.',
          },
        ),
      ),
      required: Type.Optional(
        Type.Boolean({ description: 'Refuse plain databases on this cluster.' }),
      ),
    }),
  ),
  pod: Type.Optional(
    Type.Object({
      resources: Type.Optional(resources),
      nodeSelector: Type.Optional(Type.Record(Type.String(), Type.String({ maxLength: 63 }))),
      tolerations: Type.Optional(Type.Array(toleration, { maxItems: 16 })),
      priorityClassName: Type.Optional(objectName),
    }),
  ),
  deletionPolicy: Type.Optional(
    Type.Union([Type.Literal('Retain'), Type.Literal('Delete')], {
      default: 'Retain',
      description:
        'What happens to the volumes when this resource is deleted. Key Secrets are never deleted.',
    }),
  ),
  suspend: Type.Optional(
    Type.Boolean({ description: 'Leave everything as it is until this is false again.' }),
  ),
})

const member = Type.Object({
  name: Type.String({ maxLength: 253 }),
  ready: Type.Boolean(),
  version: Type.Optional(Type.String({ maxLength: 64 })),
  serves: Type.Optional(
    Type.Object(
      { internal: Type.Optional(certificateSummary), public: Type.Optional(certificateSummary) },
      { description: 'What the operator saw when it dialed the member.' },
    ),
  ),
  servesSince: Type.Optional(
    Type.String({ format: 'date-time', description: 'When the operator first saw these served.' }),
  ),
})

const status = Type.Object({
  observedGeneration: Type.Optional(Type.Integer({ minimum: 0 })),
  conditions: Type.Optional(conditions),
  phase: Type.Optional(
    Type.String({ maxLength: 32, description: 'For people; programs read the conditions.' }),
  ),
  image: Type.Optional(Type.String({ maxLength: 512 })),
  storeId: Type.Optional(
    Type.String({
      maxLength: 64,
      description: 'Id of the server store. Another one than before means that the data was lost.',
    }),
  ),
  storeCommit: Type.Optional(
    Type.Integer({
      description:
        'The highest commit counter of the server store that was seen. A lower one later means that an older copy was put back.',
    }),
  ),
  masterKeys: Type.Optional(
    Type.Array(
      Type.Object({
        id: Type.String({ maxLength: 253 }),
        fingerprint: Type.String({ maxLength: 64 }),
      }),
      {
        maxItems: 8,
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['id'],
        description:
          'Ids and fingerprints of the master keys; the keys themselves never leave their Secret.',
      },
    ),
  ),
  members: Type.Optional(
    Type.Array(member, {
      maxItems: 9,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    }),
  ),
  order: Type.Optional(orderState),
  orderIssuer: Type.Optional(
    Type.String({ maxLength: 253, description: 'StrongroomIssuer that the order stands at.' }),
  ),
  publicCertificate: Type.Optional(
    Type.Object(
      {
        issuer: Type.String({ maxLength: 300, description: 'Kind and name of the issuer.' }),
        sha256: Type.String({ maxLength: 64 }),
        notAfter: Type.String({ format: 'date-time' }),
        renewAt: Type.String({ format: 'date-time' }),
        revision: Type.Integer({ minimum: 0, description: 'How often one was issued.' }),
        revoked: Type.Optional(
          Type.Boolean({ description: 'The CA revoked it on demand; another one is ordered.' }),
        ),
        renewal: Type.Optional(renewalState),
      },
      { description: 'The certificate that an issuer gave last.' },
    ),
  ),
  ready: Type.Optional(
    Type.String({ maxLength: 16, description: 'Ready members of all, e.g. 1/1.' }),
  ),
  url: Type.Optional(Type.String({ maxLength: 300 })),
})

export type StrongroomSpec = Static<typeof spec>
export type StrongroomStatus = Static<typeof status>
export type PublicCertificate = NonNullable<StrongroomStatus['publicCertificate']>
export type StrongroomMember = Static<typeof member>
export interface Strongroom extends KubeObject {
  readonly spec: StrongroomSpec
  readonly status?: StrongroomStatus
}

const rules: readonly FieldRule[] = [
  {
    path: ['tls', 'server'],
    rule: '[has(self.selfSigned), has(self.secretRef), has(self.issuerRef)].filter(x, x).size() == 1',
    message:
      'name exactly one source of the server certificate: selfSigned, secretRef or issuerRef',
  },
  ...issuerRules(['tls', 'server', 'issuerRef']),
  {
    path: ['tls', 'dnsNames'],
    rule: "self.all(name, !name.matches('^[0-9.]+$'))",
    message: 'an address is no DNS name: certificates that we ask for or sign name hosts alone',
  },
  {
    path: ['storage', 'size'],
    rule: 'quantity(self).compareTo(quantity(oldSelf)) >= 0',
    message: 'storage can grow but not shrink',
  },
  unchangeable(['storage', 'className'], 'The storage class'),
]

const columns: readonly Column[] = [
  ready,
  reason,
  { name: 'Members', type: 'string', jsonPath: '.status.ready' },
  { name: 'URL', type: 'string', jsonPath: '.status.url' },
  { name: 'Issuer', type: 'string', jsonPath: '.spec.tls.server.issuerRef.name' },
  // Not dates to kubectl, which shows those to come as invalid.
  { name: 'Expires', type: 'string', jsonPath: '.status.publicCertificate.notAfter' },
  { name: 'Renews', type: 'string', jsonPath: '.status.publicCertificate.renewAt' },
  age,
  { name: 'Image', type: 'string', jsonPath: '.status.image', wide: true },
  {
    name: 'Serves-Until',
    type: 'string',
    jsonPath: '.status.members[0].serves.public.notAfter',
    wide: true,
  },
  {
    name: 'Serves',
    type: 'string',
    jsonPath: '.status.members[*].serves.public.sha256',
    wide: true,
  },
  message,
]

export const strongrooms = defineKind({
  apiVersion,
  kind: 'Strongroom',
  plural: 'strongrooms',
  shortName: 'sr',
  spec,
  status,
  rules,
  columns,
  description: 'A cluster of encrypted document servers.',
  name,
})

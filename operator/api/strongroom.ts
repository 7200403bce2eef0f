/** `Strongroom` (sr): a cluster of servers, its storage, keys and certificates. */

import type { KubeObject } from '#operator/kube/kube.ts'
import { orderState } from '#shared/acme/order-state.ts'
import { renewalState } from '#shared/acme/renewal-state.ts'
import { type Static, Type } from '#shared/schema/type.ts'
import { noInnerName, noInnerNames } from './address-rules.ts'
import {
  age,
  apiVersion,
  type Column,
  certificateSummary,
  conditions,
  type FieldRule,
  issuerRef,
  issuerRules,
  message,
  type Rule,
  ready,
  reason,
  secretRef,
  unchangeable,
} from './common.ts'
import { defineKind } from './kind.ts'
import { pod, podRules } from './pod.ts'
import { amountWithin, exactlyOne } from './rules.ts'
import { clusterName, dnsName, imageReference, objectName, publicHost } from './texts.ts'

const quantity = Type.String({
  minLength: 1,
  maxLength: 20,
  pattern: '^[0-9]+(\\.[0-9]{1,3})?(Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)?$',
  description: 'An amount of storage, e.g. 10Gi.',
})

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
      ...imageReference,
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
      { host: publicHost },
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
  pod: Type.Optional(pod),
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
  image: Type.Optional(
    Type.String({
      maxLength: 512,
      description:
        'The image that members were last seen ready with: they return to it without spec.image.',
    }),
  ),
  storage: Type.Optional(
    Type.String({
      maxLength: 32,
      description:
        'Size of the largest volume as it is: spec.storage.size cannot be made smaller than that.',
    }),
  ),
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
        needed: Type.Optional(
          Type.Boolean({
            description:
              'A member wraps its store by this key: without it that does not start. False: the key may be removed.',
          }),
        ),
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
  authorities: Type.Optional(
    Type.Object(
      {
        client: Type.String({ maxLength: 64 }),
        server: Type.String({ maxLength: 64 }),
      },
      {
        description:
          'SHA-256 of the authorities that sign for this cluster. A Secret that is missing later is not replaced unasked.',
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
  exactlyOne(
    ['tls', 'server'],
    ['selfSigned', 'secretRef', 'issuerRef'],
    'name exactly one source of the server certificate: selfSigned, secretRef or issuerRef',
  ),
  ...issuerRules(['tls', 'server', 'issuerRef']),
  noInnerNames(['tls', 'dnsNames']),
  noInnerName(['exposure', 'host']),
  amountWithin(['storage', 'size'], {
    least: '64Mi',
    most: '1E',
    message: 'a volume has between 64Mi and 1E',
  }),
  ...podRules,
  unchangeable(['storage', 'className'], 'The storage class'),
]

const wholeRules: readonly Rule[] = [
  {
    rule: 'quantity(self.spec.storage.size).compareTo(quantity(oldSelf.spec.storage.size)) >= 0 || !has(oldSelf.status) || !has(oldSelf.status.storage) || quantity(self.spec.storage.size).compareTo(quantity(oldSelf.status.storage)) >= 0',
    message:
      'storage can grow but not shrink: at least what status.storage says, which is what the volume has',
    fieldPath: '.spec.storage.size',
  },
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
  wholeRules,
  columns,
  description: 'A cluster of encrypted document servers.',
  name: clusterName,
})

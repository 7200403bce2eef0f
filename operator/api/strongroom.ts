/** `Strongroom` (sr): a cluster of servers, its storage, keys and certificates. */

import type { KubeObject } from '#operator/kube/kube.ts'
import { type Static, Type } from '#shared/schema/type.ts'
import { noInnerName, noInnerNames } from './address-rules.ts'
import {
  age,
  apiVersion,
  type Column,
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
import { type member, status } from './strongroom-status.ts'
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

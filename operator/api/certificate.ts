/** `StrongroomCertificate` (srcert): a client certificate, issued, renewed and written to a Secret. */

import type { KubeObject } from '#operator/kube/kube.ts'
import { supersededMax } from '#operator/limits.ts'
import { type Static, Type } from '#shared/schema/type.ts'
import {
  age,
  apiVersion,
  type Column,
  cluster,
  clusterRef,
  conditions,
  type FieldRule,
  issuerRef,
  issuerRules,
  message,
  ready,
  reason,
  secretKeyRef,
  unchangeable,
} from './common.ts'
import { defineKind } from './kind.ts'
import { noKeysOfOurs, qualifiedKeys } from './rules.ts'
import { annotationValue, labelValue, objectName, oneLinePattern } from './texts.ts'

const spec = Type.Object({
  clusterRef,
  commonName: Type.String({
    minLength: 1,
    maxLength: 64,
    pattern: oneLinePattern,
    description: 'Name of the program or person, shown in the list of certificates.',
  }),
  secretName: objectName,
  issuerRef: Type.Optional(issuerRef),
  secretTemplate: Type.Optional(
    Type.Object(
      {
        labels: Type.Optional(Type.Record(Type.String(), labelValue, { maxProperties: 32 })),
        annotations: Type.Optional(
          Type.Record(Type.String(), annotationValue, { maxProperties: 32 }),
        ),
      },
      { description: 'Labels and annotations of the Secret.' },
    ),
  ),
  duration: Type.Optional(
    Type.String({
      default: '2160h',
      minLength: 2,
      maxLength: 16,
      pattern: '^([0-9]{1,6}h)?([0-9]{1,8}m)?([0-9]{1,9}s)?$',
      description: 'Life of each certificate; renewed at two thirds. Left out: 90 days.',
    }),
  ),
  privateKey: Type.Optional(
    Type.Object({
      algorithm: Type.Optional(
        Type.Union([Type.Literal('RSA'), Type.Literal('ECDSA')], {
          default: 'RSA',
          description:
            "RSA 3072 in PKCS#1, or ECDSA P-256. RavenDB's official client connects without a certificate when given an ECDSA key in PEM.",
        }),
      ),
    }),
  ),
  keystore: Type.Optional(
    Type.Object(
      { passwordSecretRef: Type.Optional(secretKeyRef) },
      {
        description:
          'Protects `keystore.p12` with a password. One line break at its end is not part of it; an empty one counts as missing.',
      },
    ),
  ),
})

const status = Type.Object({
  observedGeneration: Type.Optional(Type.Integer({ minimum: 0 })),
  conditions: Type.Optional(conditions),
  thumbprint: Type.Optional(
    Type.String({
      maxLength: 40,
      description: 'SHA-1 of the certificate in use, upper-case hex: its name on the server.',
    }),
  ),
  sha256: Type.Optional(Type.String({ maxLength: 64 })),
  publicKeyPin: Type.Optional(Type.String({ maxLength: 64 })),
  notBefore: Type.Optional(Type.String({ format: 'date-time' })),
  notAfter: Type.Optional(Type.String({ format: 'date-time' })),
  renewAt: Type.Optional(Type.String({ format: 'date-time' })),
  storeId: Type.Optional(
    Type.String({ maxLength: 64, description: 'Id of the server store that it is registered in.' }),
  ),
  revision: Type.Optional(
    Type.Integer({ minimum: 0, description: 'How often a certificate was issued.' }),
  ),
  superseded: Type.Optional(
    Type.Array(
      Type.Object({
        thumbprint: Type.String({ maxLength: 40 }),
        notAfter: Type.String({ format: 'date-time' }),
      }),
      {
        maxItems: supersededMax,
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['thumbprint'],
        description: 'Earlier certificates that are accepted until their end.',
      },
    ),
  ),
})

export type StrongroomCertificateSpec = Static<typeof spec>
export type StrongroomCertificateStatus = Static<typeof status>
export interface StrongroomCertificate extends KubeObject {
  readonly spec: StrongroomCertificateSpec
  readonly status?: StrongroomCertificateStatus
}

const rules: readonly FieldRule[] = [
  unchangeable(['clusterRef'], 'The cluster of a certificate'),
  unchangeable(['secretName'], 'The Secret of a certificate'),
  ...issuerRules(['issuerRef']),
  ...['labels', 'annotations'].flatMap((map) => [
    qualifiedKeys(['secretTemplate', map]),
    noKeysOfOurs(['secretTemplate', map]),
  ]),
  {
    path: ['duration'],
    rule: "duration(self) >= duration('5m') && duration(self) <= duration('43800h')",
    message: 'a certificate lives between 5m and 43800h (5 years)',
    holds: (text) => {
      const seconds = secondsOf(String(text))
      return seconds >= 5 * 60 && seconds <= 43_800 * 3600
    },
  },
]

/** A duration as its pattern lets it through. */
function secondsOf(text: string): number {
  const parts = text.matchAll(/(\d+)([hms])/g)
  const units: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1 }
  return [...parts].reduce(
    (sum, [, count, unit = 's']) => sum + Number(count) * (units[unit] ?? 0),
    0,
  )
}

const columns: readonly Column[] = [
  cluster,
  ready,
  reason,
  { name: 'Secret', type: 'string', jsonPath: '.spec.secretName' },
  { name: 'Expires', type: 'string', jsonPath: '.status.notAfter' },
  { name: 'Renews', type: 'string', jsonPath: '.status.renewAt' },
  { name: 'Issuer', type: 'string', jsonPath: '.spec.issuerRef.name', wide: true },
  { name: 'Thumbprint', type: 'string', jsonPath: '.status.thumbprint', wide: true },
  age,
  message,
]

export const strongroomCertificates = defineKind({
  apiVersion,
  kind: 'StrongroomCertificate',
  plural: 'strongroomcertificates',
  shortName: 'srcert',
  spec,
  status,
  rules,
  columns,
  description: 'A client certificate for a Strongroom.',
})

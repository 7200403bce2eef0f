/** `StrongroomIssuer` (sriss): who signs certificates: an account at a CA that speaks ACME, or a CA of your own in a Secret. */

import type { KubeObject } from '#operator/kube/kube.ts'
import { type Static, Type } from '#shared/schema/type.ts'
import { parsableUrl, readableCertificates } from './address-rules.ts'
import {
  age,
  apiVersion,
  type Column,
  certificateSummary,
  conditions,
  type FieldRule,
  message,
  ready,
  reason,
  secretKeyRef,
  secretRef,
} from './common.ts'
import { solverRules, solvers } from './issuer-solvers.ts'
import { defineKind } from './kind.ts'
import { exactlyOne } from './rules.ts'
import {
  asciiLinePattern,
  certificatesPem,
  httpsUrlPattern,
  mailbox,
  oneLinePattern,
} from './texts.ts'

const url = Type.String({ maxLength: 1024 })

const acme = Type.Object({
  server: Type.String({
    minLength: 1,
    maxLength: 1024,
    pattern: httpsUrlPattern,
    description:
      "URL of the CA's directory, e.g. https://acme-staging-v02.api.letsencrypt.org/directory. With it its terms of service are accepted.",
  }),
  email: Type.Optional(
    Type.String({
      ...mailbox,
      description: 'Where the CA writes to. A change is told to the CA.',
    }),
  ),
  profile: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 128,
      pattern: asciiLinePattern,
      description: 'One of the profiles that the CA offers.',
    }),
  ),
  preferredChain: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 128,
      pattern: oneLinePattern,
      description: 'Common name of an issuer in the chain that is taken where there are several.',
    }),
  ),
  accountKeySecretRef: Type.Optional(
    Type.Object(secretRef.properties, {
      description:
        'The Secret with the account key, PEM under tls.key. Made where there is none, never overwritten, never deleted. Left out: <name>-account.',
    }),
  ),
  externalAccountBinding: Type.Optional(
    Type.Object(
      {
        keyId: Type.String({ minLength: 1, maxLength: 1024, pattern: asciiLinePattern }),
        keySecretRef: secretKeyRef,
      },
      {
        description:
          'What a CA with customers of its own gave out: the id, and the key (base64url) in a Secret.',
      },
    ),
  ),
  caBundle: Type.Optional(
    Type.String({
      ...certificatesPem,
      description:
        "PEM of the only authorities to trust for the CA's own HTTPS; the system's where left out.",
    }),
  ),
  keyType: Type.Optional(
    Type.Union([Type.Literal('ECDSA'), Type.Literal('RSA')], {
      default: 'ECDSA',
      description: 'Key of the certificates: ECDSA P-256 or RSA 3072.',
    }),
  ),
  solvers,
})

const spec = Type.Object({
  acme: Type.Optional(acme),
  ca: Type.Optional(
    Type.Object(
      { secretRef },
      { description: 'A CA certificate under tls.crt and its key under tls.key.' },
    ),
  ),
})

const account = Type.Object(
  {
    url,
    server: Type.String({ maxLength: 1024, description: 'The directory that it is known at.' }),
    keyThumbprint: Type.String({
      maxLength: 64,
      description: 'Of its public key (RFC 7638): no secret.',
    }),
    email: Type.Optional(Type.String({ maxLength: 254 })),
    checkedAt: Type.String({
      format: 'date-time',
      description: 'When the CA last said that it is valid.',
    }),
    rolledOver: Type.Optional(
      Type.String({
        maxLength: 253,
        description: 'Value of the annotation by which its key was last replaced.',
      }),
    ),
  },
  { description: 'The account at the CA.' },
)

const status = Type.Object({
  observedGeneration: Type.Optional(Type.Integer({ minimum: 0 })),
  conditions: Type.Optional(conditions),
  type: Type.Optional(Type.String({ maxLength: 8, description: 'acme or ca.' })),
  account: Type.Optional(account),
  certificate: Type.Optional(certificateSummary),
  retry: Type.Optional(
    Type.Object(
      {
        failures: Type.Integer({ minimum: 0 }),
        againAt: Type.String({ format: 'date-time' }),
        inputs: Type.String({
          maxLength: 64,
          description: 'What failed: once that changes, the CA is asked at once.',
        }),
      },
      { description: 'When the CA is asked again.' },
    ),
  ),
})

export type StrongroomIssuerSpec = Static<typeof spec>
export type AcmeIssuerSpec = Static<typeof acme>
export type StrongroomIssuerStatus = Static<typeof status>
export type IssuerAccount = Static<typeof account>
export interface StrongroomIssuer extends KubeObject {
  readonly spec: StrongroomIssuerSpec
  readonly status?: StrongroomIssuerStatus
}

const rules: readonly FieldRule[] = [
  exactlyOne([], ['acme', 'ca'], 'an issuer is exactly one of acme and ca'),
  parsableUrl(['acme', 'server']),
  readableCertificates(['acme', 'caBundle']),
  ...solverRules,
]

const columns: readonly Column[] = [
  { name: 'Type', type: 'string', jsonPath: '.status.type' },
  ready,
  reason,
  age,
  { name: 'Server', type: 'string', jsonPath: '.spec.acme.server', wide: true },
  message,
]

export const strongroomIssuers = defineKind({
  apiVersion,
  kind: 'StrongroomIssuer',
  plural: 'strongroomissuers',
  shortName: 'sriss',
  spec,
  status,
  rules,
  columns,
  description: 'Who signs certificates.',
})

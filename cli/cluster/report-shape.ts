/** What `strongroom status --json` and `strongroom certificate --json` print. The shapes are interfaces: fields are added, never renamed or removed. */
import { type Static, Type } from '#shared/schema/type.ts'

const time = Type.String({ format: 'date-time' })
const optionalText = (description: string) => Type.Optional(Type.String({ description }))
const optionalTime = (description: string) =>
  Type.Optional(Type.String({ format: 'date-time', description }))

const condition = Type.Object({
  type: Type.String(),
  status: Type.String({ description: 'True, False or Unknown.' }),
  reason: Type.String(),
  message: Type.String(),
})

const readiness = {
  ready: Type.String({ description: 'True, False or Unknown: the condition Ready.' }),
  reason: optionalText('One word of the condition Ready.'),
  message: optionalText('Its sentence.'),
}

const served = Type.Object({ sha256: Type.String(), notAfter: time })

const member = Type.Object({
  name: Type.String(),
  ready: Type.Boolean(),
  version: optionalText('Of the server.'),
  internal: Type.Optional(served),
  public: Type.Optional(served),
  servesSince: optionalTime('When the operator first saw these served.'),
})

const serverCertificate = Type.Object({
  source: Type.String({ description: 'selfSigned, secretRef or issuerRef.' }),
  issuer: optionalText('Kind and name of the issuer, or the name of the Secret.'),
  sha256: optionalText('Of the certificate that was issued last.'),
  notAfter: optionalTime('Its last moment.'),
  renewAt: optionalTime('When the next one is ordered.'),
  revision: Type.Optional(Type.Integer({ description: 'How often one was issued.' })),
  isServed: Type.Optional(
    Type.Boolean({ description: 'Every member serves it. Left out where nothing is known yet.' }),
  ),
})

const order = Type.Object({
  url: optionalText('Of the order at the CA.'),
  status: optionalText("The CA's word for its state."),
  names: Type.Array(
    Type.Object({
      name: Type.String(),
      status: Type.String(),
      challenge: optionalText('http-01, dns-01 or tls-alpn-01.'),
    }),
  ),
  failedAttempts: Type.Integer(),
  againAt: optionalTime('When the operator goes on.'),
  problem: Type.Optional(
    Type.Object({
      name: optionalText('The name that cannot be proven.'),
      challenge: optionalText('By which challenge.'),
      solver: optionalText('By which solver.'),
      type: Type.String({
        description: 'One word of RFC 8555 section 6.7, or strongroom: and one of ours.',
      }),
      detail: Type.String({ description: 'In the words of the CA, or of whoever failed.' }),
    }),
  ),
})

const strongroom = Type.Object({
  namespace: Type.String(),
  name: Type.String(),
  ...readiness,
  url: optionalText('For programs in the cluster.'),
  image: optionalText('Of the servers.'),
  certificate: serverCertificate,
  order: Type.Optional(order),
  members: Type.Array(member),
  masterKeys: Type.Array(Type.Object({ id: Type.String(), fingerprint: Type.String() })),
  conditions: Type.Array(condition),
})

const clientCertificate = Type.Object({
  namespace: Type.String(),
  name: Type.String(),
  strongroom: Type.String(),
  ...readiness,
  secretName: Type.String(),
  issuer: optionalText("Kind and name of the issuer; left out: the cluster's own authority."),
  thumbprint: optionalText('SHA-1, upper-case hex: its name on the server.'),
  notAfter: optionalTime('Its last moment.'),
  renewAt: optionalTime('When the next one is issued.'),
})

const issuer = Type.Object({
  namespace: Type.String(),
  name: Type.String(),
  type: Type.String({ description: 'acme or ca.' }),
  ...readiness,
  server: optionalText("URL of the CA's directory."),
  account: optionalText('URL of the account there.'),
})

export const reportShape = Type.Object({
  apiVersion: Type.Literal('strongroom.dev/v1alpha1'),
  kind: Type.Literal('StatusReport'),
  strongrooms: Type.Array(strongroom),
  certificates: Type.Array(clientCertificate, { description: 'Client certificates.' }),
  issuers: Type.Array(issuer, { description: 'StrongroomIssuers: not those of cert-manager.' }),
})

export const certificateReportShape = Type.Object({
  apiVersion: Type.Literal('strongroom.dev/v1alpha1'),
  kind: Type.Literal('CertificateReport'),
  act: Type.String({ description: 'renew or revoke.' }),
  namespace: Type.String(),
  name: Type.String({ description: 'Of the Strongroom.' }),
  before: optionalText('SHA-256 of the certificate that was issued last when it was asked for.'),
  reason: optionalText('Of a revocation.'),
  outcome: Type.String({ description: 'Asked, or with --wait Served.' }),
  certificate: Type.Optional(serverCertificate),
})

export type CertificateReport = Static<typeof certificateReportShape>
export type StatusReport = Static<typeof reportShape>
export type StrongroomReport = Static<typeof strongroom>
export type OrderReport = Static<typeof order>
export type ClientCertificateReport = Static<typeof clientCertificate>
export type IssuerReport = Static<typeof issuer>

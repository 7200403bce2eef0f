/** How an issuer proves names to its CA: `spec.acme.solvers` of a StrongroomIssuer. Every text and list is bounded. */
import { type Static, Type } from '#shared/schema/type.ts'
import { dialableServer, parsableUrl, readableCertificates } from './address-rules.ts'
import { type FieldRule, secretKeyRef } from './common.ts'
import { countOf, qualifiedKeys } from './rules.ts'
import {
  annotationValue,
  certificatesPem,
  dnsName,
  endpoint,
  hostName,
  httpsUrlPattern,
  namespaceName,
  objectName,
} from './texts.ts'

const httpsUrl = Type.String({ maxLength: 1024, pattern: httpsUrlPattern })
const pem = Type.String({
  ...certificatesPem,
  description: "PEM of the only authorities to trust for its HTTPS; the system's where left out.",
})

const selector = Type.Object(
  {
    dnsNames: Type.Optional(Type.Array(dnsName, { maxItems: 64 })),
    dnsZones: Type.Optional(
      Type.Array(hostName, { maxItems: 64, description: 'The zone itself and every name in it.' }),
    ),
  },
  {
    description:
      'The names that this solver is for: an exact name wins over a zone, a longer zone over a shorter one, any of them over a solver without selector.',
  },
)

const ingress = Type.Object({
  className: objectName,
  annotations: Type.Optional(Type.Record(Type.String(), annotationValue, { maxProperties: 32 })),
})

const gatewayHTTPRoute = Type.Object({
  parentRefs: Type.Array(
    Type.Object({
      name: objectName,
      namespace: Type.Optional(namespaceName),
      sectionName: Type.Optional(objectName),
      port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
    }),
    { minItems: 1, maxItems: 8 },
  ),
})

const http01 = Type.Object(
  {
    ingress: Type.Optional(ingress),
    gatewayHTTPRoute: Type.Optional(gatewayHTTPRoute),
    serviceType: Type.Optional(
      Type.Union(
        [Type.Literal('ClusterIP'), Type.Literal('NodePort'), Type.Literal('LoadBalancer')],
        { default: 'ClusterIP' },
      ),
    ),
    check: Type.Optional(
      Type.Union([Type.Literal('Fetch'), Type.Literal('None')], {
        default: 'Fetch',
        description:
          'Whether the operator asks http://<name>/ itself before the CA does; None is for networks in which it sees other addresses than the CA.',
      }),
    ),
  },
  {
    description:
      'The operator answers on port 80, reached through a Service of its own, an Ingress or a Gateway.',
  },
)

const rfc2136 = Type.Object(
  {
    server: endpoint,
    zone: Type.Optional(hostName),
    keyName: hostName,
    algorithm: Type.Optional(
      Type.Union([Type.Literal('hmac-sha256'), Type.Literal('hmac-sha512')], {
        default: 'hmac-sha256',
      }),
    ),
    keySecretRef: secretKeyRef,
  },
  { description: 'Dynamic update with TSIG; the key is base64.' },
)

const acmeDns = Type.Object(
  { server: httpsUrl, caBundle: Type.Optional(pem), accountSecretRef: secretKeyRef },
  { description: 'acme-dns; the Secret holds the accounts as JSON, by name.' },
)

const cloudflare = Type.Object({
  apiTokenSecretRef: secretKeyRef,
  zoneId: Type.Optional(Type.String({ maxLength: 64, pattern: '^[0-9a-f]{32}$' })),
})

const route53 = Type.Object({
  region: Type.Optional(Type.String({ maxLength: 64, pattern: '^[a-z0-9]+(-[a-z0-9]+)*$' })),
  hostedZoneId: Type.Optional(Type.String({ maxLength: 64, pattern: '^[A-Z0-9]+$' })),
  accessKeyIdSecretRef: secretKeyRef,
  secretAccessKeySecretRef: secretKeyRef,
})

const webhook = Type.Object(
  {
    url: httpsUrl,
    caBundle: Type.Optional(pem),
    authentication: Type.Optional(
      Type.Union([Type.Literal('Bearer'), Type.Literal('Hmac')], {
        default: 'Hmac',
        description: 'How the token is used: sent, or only signed with.',
      }),
    ),
    tokenSecretRef: secretKeyRef,
  },
  { description: 'A service of your own: docs/reference/dns-webhook.md.' },
)

const dns01 = Type.Object(
  {
    cnameStrategy: Type.Optional(
      Type.Union([Type.Literal('None'), Type.Literal('Follow')], {
        default: 'None',
        description: 'Follow: write the record where the CNAME of _acme-challenge leads.',
      }),
    ),
    check: Type.Optional(
      Type.Object(
        {
          mode: Type.Optional(
            Type.Union(
              [Type.Literal('Authoritative'), Type.Literal('Recursive'), Type.Literal('None')],
              { default: 'Authoritative' },
            ),
          ),
          nameservers: Type.Optional(Type.Array(endpoint, { maxItems: 8 })),
        },
        {
          description:
            'Who must show the record before the CA is asked; another choice than Authoritative is for networks that see other zones than the CA does.',
        },
      ),
    ),
    rfc2136: Type.Optional(rfc2136),
    acmeDns: Type.Optional(acmeDns),
    cloudflare: Type.Optional(cloudflare),
    route53: Type.Optional(route53),
    webhook: Type.Optional(webhook),
  },
  { description: 'A TXT record, put there by exactly one provider. The only way for wildcards.' },
)

const solver = Type.Object({
  selector: Type.Optional(selector),
  http01: Type.Optional(http01),
  tlsAlpn01: Type.Optional(
    Type.Object({}, { description: 'The members themselves answer on their public port (443).' }),
  ),
  dns01: Type.Optional(dns01),
})

export const solvers = Type.Array(solver, {
  minItems: 1,
  maxItems: 16,
  description: 'Ways to prove names, each exactly one of http01, tlsAlpn01 and dns01.',
})

export type IssuerSolver = Static<typeof solver>
export type Http01Solver = Static<typeof http01>
export type Dns01Solver = Static<typeof dns01>

const path = ['acme', 'solvers']
const dns = [...path, '[]', 'dns01']

const providers = ['rfc2136', 'acmeDns', 'cloudflare', 'route53', 'webhook']

function every(holds: (solver: IssuerSolver) => boolean): (self: unknown) => boolean {
  return (self) => (self as readonly IssuerSolver[]).every(holds)
}

export const solverRules: readonly FieldRule[] = [
  {
    path,
    rule: 'self.all(s, [has(s.http01), has(s.tlsAlpn01), has(s.dns01)].filter(x, x).size() == 1)',
    message: 'each solver is exactly one of http01, tlsAlpn01 and dns01',
    holds: every((one) => countOf(one, ['http01', 'tlsAlpn01', 'dns01']) === 1),
  },
  {
    path,
    rule: 'self.all(s, !has(s.dns01) || [has(s.dns01.rfc2136), has(s.dns01.acmeDns), has(s.dns01.cloudflare), has(s.dns01.route53), has(s.dns01.webhook)].filter(x, x).size() == 1)',
    message: 'dns01 names exactly one of rfc2136, acmeDns, cloudflare, route53 and webhook',
    holds: every(({ dns01 }) => dns01 === undefined || countOf(dns01, providers) === 1),
  },
  {
    path,
    rule: 'self.all(s, !has(s.http01) || !(has(s.http01.ingress) && has(s.http01.gatewayHTTPRoute)))',
    message: 'http01 goes through an ingress or a gatewayHTTPRoute, not both',
    holds: every(({ http01: its = {} }) => countOf(its, ['ingress', 'gatewayHTTPRoute']) <= 1),
  },
  qualifiedKeys([...path, '[]', 'http01', 'ingress', 'annotations']),
  dialableServer([...dns, 'rfc2136', 'server']),
  dialableServer([...dns, 'check', 'nameservers', '[]']),
  parsableUrl([...dns, 'acmeDns', 'server']),
  readableCertificates([...dns, 'acmeDns', 'caBundle']),
  parsableUrl([...dns, 'webhook', 'url']),
  readableCertificates([...dns, 'webhook', 'caBundle']),
]

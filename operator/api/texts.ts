/**
 * Texts that Kubernetes, DNS, URLs and certificates bound: as schemas whose patterns JavaScript (flag `u`) and the API server (Go, RE2) read alike. Where
 * Kubernetes checks the same text later, the pattern is that check of its own (k8s.io/apimachinery, util/validation): what is accepted here, it takes.
 */
import { databaseNameCharactersMax, databaseNamePattern } from '#shared/database-name.ts'
import { Type } from '#shared/schema/type.ts'

/** RFC 1123, the length of a label left to the API server: names of objects. */
const nameLabel = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const objectNameShape = `${nameLabel}(\\.${nameLabel})*`
/** RFC 1035 section 2.3.4: at most 63 characters. */
const dnsLabel = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?'
const topLabel = '[a-z]([-a-z0-9]{0,61}[a-z0-9])?'
const hostShape = `(${dnsLabel}\\.)*${topLabel}`
const octet = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
const ipv4 = `${octet}(\\.${octet}){3}`
/** Whether it is one is looked at by the operator. */
const ipv6 = '[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*'
const port =
  '([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])'

/** Name of an object in the same namespace: a DNS subdomain (`IsDNS1123Subdomain`). */
export const objectName = Type.String({
  minLength: 1,
  maxLength: 253,
  pattern: `^${objectNameShape}$`,
})

/** Name of a namespace (`IsDNS1123Label`). */
export const namespaceName = Type.String({
  minLength: 1,
  maxLength: 63,
  pattern: `^${nameLabel}$`,
})

/** Name of a Strongroom: its Services bear it, and everything that belongs to it a label with it. */
export const clusterName = Type.String({
  minLength: 1,
  maxLength: 63,
  pattern: '^[a-z]([-a-z0-9]*[a-z0-9])?$',
})

/** Key of a Secret or ConfigMap (`IsConfigMapKey`). */
export const dataKey = Type.String({
  minLength: 1,
  maxLength: 253,
  pattern: '^(\\.?[-_a-zA-Z0-9])[-._a-zA-Z0-9]*$',
})

/** Pattern of the key of a label or annotation: an optional prefix, and a name of at most 63 characters (`IsQualifiedName`). */
export const qualifiedNamePattern = `^(${objectNameShape}/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$`

export const qualifiedName = Type.String({
  minLength: 1,
  maxLength: 317,
  pattern: qualifiedNamePattern,
})

/** Value of a label (`IsValidLabelValue`). */
export const labelValue = Type.String({
  maxLength: 63,
  pattern: '^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$',
})

/** Value of an annotation: any text. */
export const annotationValue = Type.String({ maxLength: 4096 })

/** RFC 1123 host name, not an address: its last label begins with a letter. */
export const hostName = Type.String({
  minLength: 1,
  maxLength: 253,
  pattern: `^${hostShape}$`,
})

/** A host name of at least two labels. */
export const publicHost = Type.String({
  minLength: 1,
  maxLength: 253,
  pattern: `^(${dnsLabel}\\.)+${topLabel}$`,
})

/** A host name, or a wildcard for one label: of two labels at least, because nobody signs for all of `*.com`. */
export const dnsName = Type.String({
  minLength: 1,
  maxLength: 253,
  pattern: `^(${hostShape}|\\*\\.(${dnsLabel}\\.)+${topLabel})$`,
})

/** A server: `host`, `host:port`, `[IPv6]:port`, or a bare address. */
export const endpoint = Type.String({
  minLength: 1,
  maxLength: 300,
  pattern: `^(((${dnsLabel}\\.)*${topLabel}|${ipv4}|\\[${ipv6}\\])(:${port})?|${ipv6})$`,
  description: 'host:port or host.',
})

/** Pattern of an HTTPS URL without user, password and fragment (RFC 3986). */
export const httpsUrlPattern =
  `^https://((${dnsLabel.replaceAll('a-z', 'A-Za-z')}\\.)*${topLabel.replaceAll('a-z', 'A-Za-z')}|${ipv4}|\\[${ipv6}\\])(:${port})?` +
  "(/([-A-Za-z0-9._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*)?(\\?([-A-Za-z0-9._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*)?$"

/** PEM of certificates. Whether each of them can be read is looked at by the operator. */
export const certificatesPem = Type.String({
  maxLength: 65_536,
  pattern: '-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\\s]+-----END CERTIFICATE-----',
})

/** A mailbox whose address stands in a `mailto:` as it is (RFC 6068). */
export const mailbox = Type.String({
  minLength: 3,
  maxLength: 254,
  pattern: `^[A-Za-z0-9.!#$&'*+/=^_\`{|}~-]+@(${dnsLabel.replaceAll('a-z', 'A-Za-z')}\\.)*${topLabel.replaceAll('a-z', 'A-Za-z')}$`,
})

/** Text that is printed in one line: no control or format character, no separator of lines, no space at either end. */
export const oneLinePattern =
  '^[^\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Zs}]([^\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]*[^\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Zs}])?$'

/** Printable ASCII in one line. */
export const asciiLinePattern = '^[!-~]([ -~]*[!-~])?$'

const imagePart = '[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*'
const registryLabel = '[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?'

/** Reference of a container image: an optional registry, a repository, an optional tag and an optional digest. */
export const imageReference = {
  minLength: 1,
  maxLength: 512,
  pattern:
    `^((${registryLabel}(\\.${registryLabel})*|\\[${ipv6}\\])(:${port})?/)?${imagePart}(/${imagePart})*` +
    '(:[A-Za-z0-9_][-A-Za-z0-9_.]{0,127})?(@(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}))?$',
} as const

/** Name of a database on the server. */
export const databaseName = {
  minLength: 1,
  maxLength: databaseNameCharactersMax,
  pattern: databaseNamePattern,
} as const

/** Certificates of every shape, and which source of them can have which: what cannot is declared, with the reason. */

export interface Shape {
  /** Beside the host. */
  readonly dnsNames: readonly string[]
  readonly addresses?: readonly string[]
  readonly key: 'ec' | 'rsa'
}

/** Of every shape: another host restarts the server. Longer than a common name may be (64 characters). */
export const host = `vault.${'h'.repeat(63)}.example.com`

/** As long as a name may be: 253 characters. */
const longest = `${['a', 'b', 'c'].map((letter) => letter.repeat(63)).join('.')}.${'d'.repeat(49)}.example.com`

export const shapes = {
  'one name': { dnsNames: [], key: 'ec' },
  'apex and wildcard': { dnsNames: [`*.${host}`], key: 'ec' },
  'a name of 253 characters': { dnsNames: [longest], key: 'ec' },
  '65 names': {
    dnsNames: Array.from({ length: 64 }, (_, index) => `n${index + 1}.example.com`),
    key: 'ec',
  },
  'an RSA key': { dnsNames: ['rsa.example.com'], key: 'rsa' },
  'an address beside the name': {
    dnsNames: ['ip.example.com'],
    addresses: ['192.0.2.1'],
    key: 'ec',
  },
} as const satisfies Record<string, Shape>

/** Sources as `spec.tls.server` names them. */
export const sources = {
  'the cluster itself': { selfSigned: {} },
  'a Secret of the user': { secretRef: { name: 'mine' } },
  'a CA issuer of ours': { issuerRef: { name: 'ca' } },
  'an ACME issuer of ours': { issuerRef: { name: 'acme' } },
  'a CA issuer of cert-manager': { issuerRef: { group: 'cert-manager.io', name: 'ca' } },
  'a self-signing issuer of cert-manager': {
    issuerRef: { group: 'cert-manager.io', kind: 'Issuer', name: 'self-signed' },
  },
} as const

/** Who signs client certificates, as `spec.issuerRef` of a StrongroomCertificate names them. */
export const clientSources = {
  'the cluster itself': {},
  'a CA issuer of ours': { issuerRef: { name: 'ca' } },
  'a CA issuer of cert-manager': { issuerRef: { group: 'cert-manager.io', name: 'ca' } },
} as const

/** Its key as OpenSSL calls it, and how the PEM of it begins. */
export const clientKeys = {
  RSA: { type: 'rsa', begins: '-----BEGIN RSA PRIVATE KEY-----' },
  ECDSA: { type: 'ec', begins: '-----BEGIN PRIVATE KEY-----' },
} as const

export type ShapeName = keyof typeof shapes
export type SourceName = keyof typeof sources

const onlyOwn = {
  'an RSA key':
    'keys that are made for a server are ECDSA P-256: smaller, faster, known to every client; a Secret of the user may hold RSA',
  'an address beside the name':
    'spec names hosts alone: public CAs sign no private addresses; a Secret of the user may name them',
} as const satisfies Partial<Record<ShapeName, string>>

/** What an issuer of ours says itself. */
const onlyNames = {
  'an address beside the name': onlyOwn['an address beside the name'],
} as const satisfies Partial<Record<ShapeName, string>>

/** What a source cannot have, and why. Ed25519 is in no row: browsers and the official clients do not take it. */
export const excluded: Readonly<Record<SourceName, Readonly<Partial<Record<ShapeName, string>>>>> =
  {
    'the cluster itself': onlyOwn,
    'a Secret of the user': {},
    'a CA issuer of ours': onlyOwn,
    // Its key is the issuer's to choose: `keyType`.
    'an ACME issuer of ours': onlyNames,
    'a CA issuer of cert-manager': onlyOwn,
    'a self-signing issuer of cert-manager': onlyOwn,
  }

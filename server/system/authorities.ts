/**
 * Our own certificate authorities: one signs generated client certificates, the other the server's certificate where none is
 * configured. Their keys lie in the sealed server store and nowhere else.
 */
import { createPrivateKey } from 'node:crypto'
import { Type } from 'typebox'
import type { Clock } from '#shared/clock.ts'
import { readCertificate } from '#shared/pki/certificate.ts'
import { type Issued, makeAuthority, makeKeyPair } from '#shared/pki/issue.ts'
import type { SystemStore, SystemTable } from './system.types.ts'
import { defineSystemTable } from './table.ts'

const authorityRecord = Type.Object({
  /** DER in base64. */
  certificate: Type.String(),
  /** PKCS#8 in base64. */
  privateKey: Type.String(),
})

interface AuthorityRecord {
  readonly certificate: string
  readonly privateKey: string
}

interface Kind {
  readonly table: SystemTable<AuthorityRecord>
  readonly commonName: string
}

const clientAuthority: Kind = {
  table: defineSystemTable('clientAuthority', authorityRecord),
  commonName: 'Strongroom client CA',
}
const serverAuthority: Kind = {
  table: defineSystemTable('serverAuthority', authorityRecord),
  commonName: 'Strongroom server CA',
}
const key = 'current'
const dayMs = 24 * 60 * 60 * 1000
/** Nobody is let in because the one signed him, and the other is pinned by hand: their age ends nothing. */
const authorityDays = 30 * 365

/** Signs generated client certificates. Made at first start, read at every other. */
export function openClientAuthority(store: SystemStore, clock: Clock): Promise<Issued> {
  return openAuthority(store, clock, clientAuthority)
}

/** Signs the server's certificate; its own certificate is `ca.crt`. Made at first start, read at every other. */
export function openServerAuthority(store: SystemStore, clock: Clock): Promise<Issued> {
  return openAuthority(store, clock, serverAuthority)
}

async function openAuthority(
  store: SystemStore,
  clock: Clock,
  { table, commonName }: Kind,
): Promise<Issued> {
  const known = store.get(table, key)?.record
  if (known !== undefined) return issuedOf(known)
  const now = clock.now()
  const made = await makeAuthority({
    commonName,
    validity: { notBefore: now - dayMs, notAfter: now + authorityDays * dayMs },
    keys: await makeKeyPair('p-256'),
  })
  const fresh = {
    certificate: made.certificate.der.toString('base64'),
    privateKey: made.privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
  }
  // Another member may have been quicker: the first one stays.
  const stored = await store.update(table, key, (now) => (now === undefined ? fresh : undefined))
  return issuedOf(stored ?? fresh)
}

function issuedOf(record: AuthorityRecord): Issued {
  const privateKey = createPrivateKey({
    key: Buffer.from(record.privateKey, 'base64'),
    format: 'der',
    type: 'pkcs8',
  })
  return { certificate: readCertificate(Buffer.from(record.certificate, 'base64')), privateKey }
}

/** The authority that signs generated client certificates. Its key lies in the sealed server store and nowhere else. */
import { createPrivateKey } from 'node:crypto'
import { Type } from 'typebox'
import type { Clock } from '#shared/clock.ts'
import { readCertificate } from '#shared/pki/certificate.ts'
import { type Issued, makeAuthority, makeKeyPair } from '#shared/pki/issue.ts'
import type { SystemStore } from './system.types.ts'
import { defineSystemTable } from './table.ts'

const table = defineSystemTable(
  'clientAuthority',
  Type.Object({
    /** DER in base64. */
    certificate: Type.String(),
    /** PKCS#8 in base64. */
    privateKey: Type.String(),
  }),
)
const key = 'current'
const dayMs = 24 * 60 * 60 * 1000
/** Nobody is let in because this authority signed him, so its age ends nothing. */
const authorityDays = 30 * 365

/** Makes it at first start, and reads it at every other. */
export async function openClientAuthority(store: SystemStore, clock: Clock): Promise<Issued> {
  const known = store.get(table, key)?.record
  if (known !== undefined) return issuedOf(known)
  const now = clock.now()
  const made = await makeAuthority({
    commonName: 'Strongroom client CA',
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

function issuedOf(record: { readonly certificate: string; readonly privateKey: string }): Issued {
  const privateKey = createPrivateKey({
    key: Buffer.from(record.privateKey, 'base64'),
    format: 'der',
    type: 'pkcs8',
  })
  return { certificate: readCertificate(Buffer.from(record.certificate, 'base64')), privateKey }
}

/** The TXT record that proves a name (RFC 8555 section 8.4). */
import { createHash } from 'node:crypto'
import type { Challenge } from '../solver.ts'
import { canonicalName } from './name.ts'

export interface TxtRecord {
  /** Canonical: lower case, no dot at the end. */
  readonly name: string
  /** 43 characters of base64url. */
  readonly value: string
}

/** `db.example.com` and `*.db.example.com` share one name: their values stand side by side. */
export function txtRecord({ name, keyAuthorization }: Challenge): TxtRecord {
  const domain = canonicalName(name).replace(/^\*\./, '')
  return {
    name: `_acme-challenge.${domain}`,
    value: createHash('sha256').update(keyAuthorization).digest('base64url'),
  }
}

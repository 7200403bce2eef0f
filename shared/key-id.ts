/** The name under which records, states and logs speak of a secret key. */
import { createHash } from 'node:crypto'

/** 16 hexadecimal characters that name a key and do not give it away: the beginning of a hash with a prefix of its own. */
export function keyId(bytes: Uint8Array): string {
  return createHash('sha256').update('strongroom key id\0').update(bytes).digest('hex').slice(0, 16)
}

/** The MAC of a PFX (RFC 7292 section 4; PBMAC1: RFC 9579): nothing in the file is decrypted before it has been verified, where there is one. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { type Asn1, childrenOf, integerOf, octetsOf, oidOf } from './ber.ts'
import { pkiErrors } from './errors.ts'
import { digestOf, type Opening, passwordKey, spellingsOf } from './pfx-cipher.ts'
import { ids } from './pfx-ids.ts'
import { digestBytes } from './pfx-kdf.ts'

/** Throws `PfxUnreadable` where it does not fit the content: the password is another, or somebody changed the file. */
export async function verifyMac(content: Buffer, macData: Asn1, opening: Opening): Promise<void> {
  const [info] = childrenOf(macData)
  const [algorithm, expected] = childrenOf(info)
  const [id, parameters] = childrenOf(algorithm)
  const mac = octetsOf(expected)
  const isRight =
    oidOf(id) === ids.passwordMac1
      ? await isPasswordMac(content, parameters, { mac, ...opening })
      : await isOldMac(content, macData, { mac, ...opening })
  if (!isRight) throw pkiErrors.PfxUnreadable('the password is wrong, or it is damaged')
}

type Expected = Opening & { readonly mac: Buffer }

/** By PBKDF2; salt and rounds of the file's MacData do not count (RFC 9579 section 4). */
async function isPasswordMac(
  content: Buffer,
  parameters: Asn1 | undefined,
  { mac, ...opening }: Expected,
): Promise<boolean> {
  const [derivation, scheme] = childrenOf(parameters)
  const digest = digestOf(scheme)
  const key = await passwordKey(derivation, opening)
  return isSame(createHmac(digest, key).update(content).digest(), mac)
}

async function isOldMac(
  content: Buffer,
  macData: Asn1,
  { mac, password, work }: Expected,
): Promise<boolean> {
  const [info, salt, rounds] = childrenOf(macData)
  const digest = digestOf(childrenOf(info)[0])
  const derivation = {
    digest,
    salt: octetsOf(salt),
    purpose: 'mac',
    bytes: digestBytes[digest],
    rounds: rounds === undefined ? 1 : integerOf(rounds),
  } as const
  for (const spelling of spellingsOf(password)) {
    const key = await work.pkcs12({ ...derivation, password: spelling })
    if (isSame(createHmac(digest, key).update(content).digest(), mac)) return true
  }
  return false
}

function isSame(computed: Buffer, expected: Buffer): boolean {
  return computed.length === expected.length && timingSafeEqual(computed, expected)
}

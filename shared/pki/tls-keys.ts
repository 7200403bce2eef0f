/** Which keys TLS can use: those with which a handshake succeeds in TLS 1.2 and in 1.3, on both sides (a test shakes hands with each). */
import type { KeyObject } from 'node:crypto'
import { rsaBitsMax, rsaBitsMin } from './limits.ts'

/** For messages: what to use instead. */
export const acceptedKeys = `RSA of ${rsaBitsMin} to ${rsaBitsMax} bits, P-256, P-384, P-521, Ed25519 or Ed448`

const curves = ['prime256v1', 'secp384r1', 'secp521r1']
/** OpenSSL verifies nothing with a longer one where the key itself is long. */
const exponentMax = 2n ** 64n - 1n

/** What is wrong with a key, private or public, in words; nothing where TLS can use it. */
export function unusableKey(key: KeyObject): string | undefined {
  const type = key.asymmetricKeyType ?? 'unknown'
  if (type === 'rsa' || type === 'rsa-pss') return unusableRsa(key)
  if (type === 'ed25519' || type === 'ed448') return undefined
  if (type !== 'ec') return `its key is of kind ${type}`
  const curve = key.asymmetricKeyDetails?.namedCurve ?? 'none that has a name'
  return curves.includes(curve) ? undefined : `its key is on the curve ${curve}`
}

function unusableRsa({ asymmetricKeyDetails: details }: KeyObject): string | undefined {
  const { modulusLength = 0, publicExponent = 0n } = details ?? {}
  if (modulusLength < rsaBitsMin || modulusLength > rsaBitsMax)
    return `its RSA key has ${modulusLength} bits`
  const isUsual =
    publicExponent >= 3n && publicExponent <= exponentMax && publicExponent % 2n === 1n
  return isUsual ? undefined : 'its RSA key has an exponent that is not used'
}

/** Certificate signing requests (PKCS#10, RFC 2986), as CAs take them: the names and the key, nothing else. */
import { explicit, sequence, set } from './der.ts'
import { integer, oid } from './der-values.ts'
import { extensionList, subjectAlternativeName } from './extensions.ts'
import type { KeyPair } from './issue.ts'
import { signed } from './signature.ts'

/** The attribute that holds extensions (RFC 2985 section 5.4.2). */
const extensionRequest = '1.2.840.113549.1.9.14'

/** In DER. `names`: DNS names and IP addresses; the common name is left out, as it is of no use to CAs any more. */
export async function certificateRequest(
  names: readonly string[],
  { publicKey, privateKey }: KeyPair,
): Promise<Buffer> {
  const extensions = extensionList([subjectAlternativeName(names)])
  const attribute = sequence(oid(extensionRequest), set(extensions))
  const content = sequence(
    integer(0),
    sequence(),
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(0, attribute),
  )
  return signed(content, privateKey)
}

/** Seals records of any size under a key of their purpose: wrapped keys, root records, secrets. */
import type { LockedBytes, LockedMemory } from './locked.ts'
import type { Purpose } from './sealer.ts'
import { keyBytes, nonceBytes, tagBytes } from './sizes.ts'
import { decrypt, deriveKey, encrypt, randomBytes } from './sodium.ts'

/** What a record is and where it belongs; both are needed again to open it. */
export interface RecordPlace {
  readonly purpose: Purpose
  /** What the record is tied to: a database id, a key id. */
  readonly context: Buffer
}

export interface RecordSealer {
  /** `nonce 24 | ciphertext | tag 16`. */
  seal(place: RecordPlace, plain: Buffer): Buffer
  /** Nothing where key, purpose, context or any byte is another. A key that comes out should move into locked memory at once. */
  open(place: RecordPlace, sealed: Buffer): Buffer | undefined
  /** Zeroes the subkeys; the key itself stays with its owner. */
  close(): void
}

const keyContext = 'srrecord'

/** `key`: 32 bytes in locked memory. */
export function openRecordSealer({
  memory,
  key,
}: {
  readonly memory: LockedMemory
  readonly key: Buffer
}): RecordSealer {
  const subkeys = new Map<Purpose, LockedBytes>()
  const subkey = (purpose: Purpose): Buffer => {
    const known = subkeys.get(purpose)
    if (known !== undefined) return known.bytes
    const made = memory.allocate(keyBytes)
    deriveKey(made.bytes, { key, id: purpose, context: keyContext })
    subkeys.set(purpose, made)
    return made.bytes
  }
  const message = ({ purpose, context }: RecordPlace, nonce: Buffer) => ({
    key: subkey(purpose),
    nonce,
    associated: Buffer.concat([Buffer.from([purpose]), context]),
  })
  return {
    seal: (place, plain) => {
      const sealed = Buffer.alloc(nonceBytes + plain.length + tagBytes)
      const { nonce, body, tag } = partsOf(sealed)
      randomBytes(nonceBytes).copy(nonce)
      encrypt(message(place, nonce), { plain, ciphertext: body, tag })
      return sealed
    },
    open: (place, sealed) => {
      if (sealed.length < nonceBytes + tagBytes) return undefined
      const { nonce, body, tag } = partsOf(sealed)
      const plain = Buffer.alloc(body.length)
      return decrypt(message(place, nonce), { plain, ciphertext: body, tag }) ? plain : undefined
    },
    close: () => {
      for (const made of subkeys.values()) made.release()
      subkeys.clear()
    },
  }
}

/** The pieces of `nonce | body | tag`, as views. */
export function partsOf(sealed: Buffer): { nonce: Buffer; body: Buffer; tag: Buffer } {
  return {
    nonce: sealed.subarray(0, nonceBytes),
    body: sealed.subarray(nonceBytes, sealed.length - tagBytes),
    tag: sealed.subarray(sealed.length - tagBytes),
  }
}

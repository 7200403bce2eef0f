/**
 * The cipher: the only import of sodium-native.
 *
 * XChaCha20-Poly1305-IETF with random 192-bit nonces, so that no counter has to survive a crash. Nonces are drawn in bulk,
 * since each draw is a system call that costs more than sealing a small record.
 */
import * as sodium from 'sodium-native'
import { nonceBytes } from './sizes.ts'

const noncesDrawn = 256

/** Draws nonces; one for each sealer. */
export class Nonces {
  readonly #pool = Buffer.alloc(nonceBytes * noncesDrawn)
  #used = noncesDrawn

  /** Writes a nonce that was never used before into the first 24 bytes of `slot`. */
  writeTo(slot: Buffer): void {
    if (this.#used === noncesDrawn) {
      sodium.randombytes_buf(this.#pool)
      this.#used = 0
    }
    this.#pool.copy(slot, 0, this.#used * nonceBytes, (this.#used + 1) * nonceBytes)
    this.#used += 1
  }
}

export interface Message {
  readonly key: Buffer
  readonly nonce: Buffer
  readonly associated: Buffer
}

/** Both forms of a text, of the same length; may be the same memory. */
export interface Text {
  readonly plain: Buffer
  readonly ciphertext: Buffer
  readonly tag: Buffer
}

/** Encrypts `plain` into `ciphertext` and writes the tag. */
export function encrypt(message: Message, { plain, ciphertext, tag }: Text): void {
  sodium.crypto_aead_xchacha20poly1305_ietf_encrypt_detached(
    ciphertext,
    tag,
    plain,
    message.associated,
    null,
    message.nonce,
    message.key,
  )
}

/** False where the tag does not fit; `plain` then holds nothing of use. */
export function decrypt(message: Message, { plain, ciphertext, tag }: Text): boolean {
  try {
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt_detached(
      plain,
      null,
      ciphertext,
      tag,
      message.associated,
      message.nonce,
      message.key,
    )
    return true
  } catch (error) {
    if (error instanceof Error && error.message === 'could not verify data') return false
    throw error
  }
}

/** Writes the subkey number `id` of a purpose (`context`, eight characters) into `subkey`. */
export function deriveKey(
  subkey: Buffer,
  { key, id, context }: { readonly key: Buffer; readonly id: number; readonly context: string },
): void {
  sodium.crypto_kdf_derive_from_key(subkey, id, Buffer.from(context, 'latin1'), key)
}

/** BLAKE2b over the parts, as long as `digest`. */
export function hash(digest: Buffer, parts: readonly Buffer[]): void {
  sodium.crypto_generichash_batch(digest, parts)
}

/** Bytes nobody can foretell. */
export function randomBytes(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  sodium.randombytes_buf(bytes)
  return bytes
}

/** Memory on pages of its own between guard pages. */
export const guarded = {
  /** Locked where the system allows it, silently unlocked where not. */
  allocate: (length: number): Buffer => sodium.sodium_malloc(length),
  /** Locks against swapping, also what is locked already; false where the system refuses. */
  lock: (memory: Buffer): boolean => {
    try {
      sodium.sodium_mlock(memory)
      return true
    } catch {
      return false
    }
  },
  /** Overwrites with zeros in a way that no optimizer removes. */
  zero: (memory: Uint8Array): void => sodium.sodium_memzero(memory),
  /** Zeroes and gives back; the Buffer has length 0 from then on. */
  free: (memory: Buffer): void => {
    sodium.sodium_memzero(memory)
    sodium.sodium_free(memory)
  },
} as const

/** The part of sodium-native that is used here; the package brings no types. */
declare module 'sodium-native' {
  export function sodium_malloc(size: number): Buffer
  export function sodium_mlock(buffer: Uint8Array): void
  export function sodium_memzero(buffer: Uint8Array): void
  export function sodium_free(buffer: Buffer): void
  export function randombytes_buf(buffer: Uint8Array): void
  export function crypto_kdf_derive_from_key(
    ...args: [subkey: Uint8Array, id: number, context: Uint8Array, key: Uint8Array]
  ): void
  export function crypto_generichash_batch(output: Uint8Array, parts: readonly Uint8Array[]): void
  export function crypto_aead_xchacha20poly1305_ietf_encrypt_detached(
    ...args: [
      ciphertext: Uint8Array,
      tag: Uint8Array,
      message: Uint8Array,
      associated: Uint8Array,
      secretNonce: null,
      nonce: Uint8Array,
      key: Uint8Array,
    ]
  ): number
  /** Throws where the tag does not fit. */
  export function crypto_aead_xchacha20poly1305_ietf_decrypt_detached(
    ...args: [
      message: Uint8Array,
      secretNonce: null,
      ciphertext: Uint8Array,
      tag: Uint8Array,
      associated: Uint8Array,
      nonce: Uint8Array,
      key: Uint8Array,
    ]
  ): void
}

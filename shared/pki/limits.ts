/** Bounds of what this folder reads and makes: all of it may come from a stranger. */

/** One certificate in DER: real ones take 1–3 KB, post-quantum ones up to some 50. */
export const certificateBytesMax = 64 * 1024
/** Certificates in one PEM file or PFX: a chain has three, a collection for a cluster some dozen. */
export const certificatesInFileMax = 100
/** A PFX with keys and chains; the largest real ones have some 20 KB. */
export const pfxBytesMax = 256 * 1024
/**
 * Rounds of key derivation in one PFX that is read, over its MAC and all that is decrypted, times the blocks that each gives: they come from the
 * file, and cost some 0.5 µs each. OpenSSL demands 2,048 a key, Windows 2,000, Java 10,000, Firefox and GnuTLS 600,000 for the MAC, each key and each certificate.
 */
export const pfxWorkMax = 5_000_000
/** Rounds of PKCS#12's own derivation that are not worth a thread: some 7 ms. */
export const pfxRoundsInlineMax = 10_000
/** Values of ASN.1 in one certificate, or in one part of a PFX. A real certificate has some hundred. */
export const asn1ValuesMax = 10_000
/** Rounds in a PFX that is written without a password: there is nothing to guess. As OpenSSL's own `pkcs12`. */
export const pfxRoundsWithoutPassword = 2_048
/** Rounds for the MAC and the keys of a PFX, and for a private key in PEM, that is written with a password: whichever is the quickest is what is guessed by. */
export const passwordRounds = 100_000
/** Bits of an RSA key: fewer are refused by OpenSSL 3 and every browser, and OpenSSL verifies nothing with more. */
export const rsaBitsMin = 2_048
export const rsaBitsMax = 16_384
/** Characters of a common name (ub-common-name of RFC 5280). */
export const commonNameCharactersMax = 64
/** Random bits of a serial number; the browsers' forum demands 64. */
export const serialBits = 128

/** Bounds of what this folder reads and makes: all of it may come from a stranger. */

/** One certificate in DER: real ones take 1–3 KB, post-quantum ones up to some 50. */
export const certificateBytesMax = 64 * 1024
/** Certificates in one PEM file or PFX: a chain has three, a collection for a cluster some dozen. */
export const certificatesInFileMax = 100
/** A PFX with keys and chains; the largest real ones have some 20 KB. */
export const pfxBytesMax = 256 * 1024
/** Rounds of key derivation in a PFX that is read: they come from the file, and each costs us time. OpenSSL writes 2,048, Windows 2,000, the careful 600,000. */
export const pfxRoundsMax = 1_000_000
/** Rounds of the MAC and of triple DES in a PFX that is read: that derivation blocks the thread, some 0.1 s at this number. */
export const pfxMacRoundsMax = 100_000
/** Rounds in a PFX that is written: as OpenSSL's own `pkcs12` for the MAC. */
export const pfxMacRounds = 2_048
/** Rounds for the keys in a PFX that is written with a password. */
export const pfxKeyRounds = 100_000
/** Characters of a common name (ub-common-name of RFC 5280). */
export const commonNameCharactersMax = 64
/** Random bits of a serial number; the browsers' forum demands 64. */
export const serialBits = 128

/** Every bound of DNS-01. Units stand at the end of the names. */

/** A name on the wire, with its lengths and the root (RFC 1035 section 2.3.4). */
export const nameBytesMax = 255
export const labelBytesMax = 63
/** Over TCP the length is 16 bits. */
export const messageBytesMax = 65_535
/** Records of one message: a zone with hundreds of name servers or challenges is a mistake or an attack. */
export const recordsMax = 512
/** One character string of a TXT record (RFC 1035 section 3.3). */
export const characterStringBytesMax = 255
/** CNAMEs from `_acme-challenge` to the record; Let's Encrypt's resolver follows 8 or more. */
export const cnamesMax = 8
/** A datagram may be lost: asked twice, then over TCP. */
export const udpTries = 2
export const udpTimeoutMs = 2_000
export const tcpTimeoutMs = 5_000
/** An update may wait for the server's disk. */
export const updateTimeoutMs = 15_000
/** How far the clocks of two machines may be apart (RFC 8945 section 10). */
export const tsigFudgeSeconds = 300
/** Life of the record: it is gone within minutes, and a resolver that asks too early must not remember for long. */
export const recordTtlSeconds = 60
/** Servers of a zone that are asked; the root has 13. */
export const nameServersMax = 16
/** A call to a provider's API. */
export const apiTimeoutMs = 20_000
export const apiAnswerBytesMax = 4 * 1024 * 1024
/** Pages of a list, and zones looked at, of one provider: beyond that something is wrong. */
export const apiPagesMax = 50
/** What of a stranger's words is repeated in an error. */
export const quotedCharactersMax = 300
/** Read, change and put back, when somebody else changed the same record in between. */
export const writeTries = 5

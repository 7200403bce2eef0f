/** Every bound of ordering from a CA: its answers come from a stranger, and its patience is limited. Units stand at the end of the names. */
import assert from 'node:assert/strict'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** One exchange with the CA. Signing a certificate happens apart from it. */
export const exchangeTimeoutMs = 30 * second
/** The longest answer is a chain: some certificates of a few KB each. */
export const answerBytesMax = 1024 * 1024
/** One act of a solver: a provider's API, a webhook, a dozen of members. */
export const solverTimeoutMs = 60 * second
/** A look for the answer to a challenge, from here to wherever the name leads. */
export const challengeLookMs = 5 * second
/** A directory says where things are; CAs move them about once in years, and add profiles a little more often. */
export const directoryMaxAgeMs = hour
/** Nonces kept for the next requests. Each is used once; the CA forgets old ones. */
export const noncesMax = 32
/** A bad nonce is answered with a good one: repeated at once so often, then as any broken exchange. */
export const badNonceRepeatsMax = 10

/** Names in one order: what the public CAs allow. */
export const namesMax = 100
/** A DNS name with its wildcard. */
export const nameCharactersMax = 255
/** URLs and tokens that the CA chooses; they are kept in a status. */
export const urlCharactersMax = 1024
export const tokenCharactersMax = 512
/** Words of the CA, a solver or a DNS server that are kept in a status. */
export const detailCharactersMax = 1024
export const problemTypeCharactersMax = 128

/** Alternate chains that are looked at for the preferred one: each is a download. */
export const alternateChainsMax = 5

/** Waits after a bad nonce, a 5xx or a broken connection. */
export const brokenBackoff = { firstMs: second, mostMs: 5 * minute } as const
/** Waits until an answer can be seen, and until the CA has looked, where it names no time. */
export const lookBackoff = { firstMs: second / 2, mostMs: 30 * second } as const
/** Looks in vain, some seconds of them, after which the answer is put there again at each look. */
export const looksBeforePresentingAgain = 4
/** First wait after a failed authorization or an invalid order: a hundredth of the certificate's life in these bounds. */
export const firstFailureWait = { part: 100, leastMs: 5 * second, mostMs: hour } as const
/** Longest wait, to which it doubles: a quarter of the life in these bounds. */
export const lastFailureWait = { part: 4, leastMs: minute, mostMs: 32 * hour } as const
/**
 * Waits after the first failures where there is no certificate yet and somebody waits for one; the last of them then doubles to
 * `firstCertificateWaitMaxMs`. The strictest known limit (five failures of a name, one more every twelve minutes) never fills.
 */
export const firstCertificateWaitsMs = [minute, 3 * minute, 9 * minute, 15 * minute] as const
export const firstCertificateWaitMaxMs = 6 * hour
/** Longest Retry-After that is believed where it is no refusal: a CA may be slow, but not slower than this. */
export const pollMaxMs = hour
/** Longest Retry-After of a refusal that is believed: the longest window of a public CA's limits. */
export const retryAfterMaxMs = 7 * day
/** Tries to take an answer away before it is left where it is. */
export const cleanUpsMax = 3

/** Orders and challenges of one account: so many at once, then so many a second. */
export const orderRate = { burst: 100, perSecond: 40 } as const
export const challengeRate = { burst: 200, perSecond: 80 } as const

/** A certificate may begin so much later than our clock says: CAs have clocks of their own. */
export const clockSkewMs = minute

/** ARI is asked every min(Retry-After, life / 10), and never more often than this. */
export const renewalInfoLeastMs = 10 * second
/** Part of the life after which ARI is asked again. */
export const renewalInfoPart = 10
/** Where a CA names no Retry-After: RFC 9773 section 4.3.2 recommends six hours. */
export const renewalInfoDefaultMs = 6 * hour

assert(firstFailureWait.mostMs <= lastFailureWait.mostMs)
assert(firstFailureWait.leastMs <= lastFailureWait.leastMs)

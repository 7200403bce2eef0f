/** Every bound of the operator. Units stand at the end of the names. */

/** One call to the API server; a slow one is better repeated than awaited. */
export const requestTimeoutMs = 30_000
/** The server ends a watch after that long, which spreads reconnects; each reflector adds its own jitter by its start. */
export const watchSeconds = 290
/** API servers send a bookmark about once a minute: twice that in silence means a dead connection. */
export const watchIdleMs = 130_000
/** Objects of one page of a list: what is not kept of them goes before the next page comes. */
export const listPageMax = 50
/** etcd holds no object larger than 1.5 MiB; JSON of it, with managed fields, is well below. */
export const objectBytesMax = 16 * 1024 * 1024
/** Every object is looked at again after that long: drift is found within a minute (design, "The operator"). */
export const resyncMs = 45_000
/** A database that its server does not serve is looked at again that soon: an administrator accepts its state there, and waits for it. */
export const quarantineLookMs = 4_000
/** A call to a server's administration. */
export const adminTimeoutMs = 10_000
/** Keys that one controller works on at once. */
export const workers = 10
/** First and longest wait after a failure. */
export const backoff = { firstMs: 500, mostMs: 60_000 } as const
/** Shortest and longest wait between looks at what is awaited, where no event comes. */
export const waitBackoff = { firstMs: 1_000, mostMs: 300_000 } as const
/** Leadership: how long a lease holds, by when it must be renewed, how often that is tried. client-go's proportions. */
export const leaseSeconds = 15
export const renewDeadlineMs = 10_000
export const leaseRetryMs = 2_000
/** Longest answer of a server's administration: thousands of certificates without their bytes. */
export const adminAnswerBytesMax = 64 * 1024 * 1024
/** Life of the cluster's own authorities: they sign for a cluster that lives for years. */
export const authorityDays = 3650
/** Life of the certificates that the operator issues and renews by itself at two thirds. */
export const leafDays = 90
/** Earlier certificates of one StrongroomCertificate that are accepted beside the present one: the oldest leaves for the next. */
export const supersededMax = 8
/** Certificates on the server that one StrongroomPermission gives rights to: the oldest loses them before another gets them. */
export const thumbprintsMax = 16
/** Thumbprints that one resource keeps of what it gave rights to: more than it may have on the server at once. */
export const registeredMax = 64
/** The CA is asked that often whether an issuer's account is still valid. */
export const accountCheckMs = 3_600_000
/** Waits after a refusal that somebody has to mend: what they change is noticed at once, what the CA changes is not. */
export const refusalBackoff = { firstMs: 60_000, mostMs: 3_600_000 } as const
/** Waits after an act that Kubernetes or a server refused: a changed resource is tried at once, what else would let it pass is not seen. */
export const refusedActBackoff = { firstMs: 15_000, mostMs: 600_000 } as const
/** A pod that no node takes for that long is for people: clusters that add nodes by themselves have done so by then. */
export const unschedulableMs = 60_000
/** Of a stranger's words in a condition. */
export const wordsMax = 1_024
/** Where an order finds that the CA does not know the account: so often is that looked at. */
export const accountDoubtMs = 30_000
/** Acts of one order that are taken without letting another cluster have its turn: a whole order without waits. */
export const orderActsMax = 16
/** A request of a CA for the answer to a challenge: a line and a few headers. */
export const challengeRequestMs = 10_000
/** RFC 8555 asks for 128 bits at least; the longest token that an order keeps (`shared/acme/limits.ts`). */
export const challengeTokenCharactersMax = 512
/** CAs look from a handful of places at once; whoever opens more is no CA. */
export const responderConnectionsMax = 256
/** Where replicas answer challenges unless they are told otherwise: the chart's containers name it. */
export const challengePort = 8089

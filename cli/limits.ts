/** Every bound of the command. Units stand at the end of the names. */

/** A program that fetches credentials may open a browser for a person. */
export const execTimeoutMs = 120_000
/** A token and two certificates are a few kilobytes. */
export const execAnswerBytesMax = 1024 * 1024
/** One call to the API server, while a person waits. */
export const callTimeoutMs = 15_000
/** How long `--wait` waits where nobody says: an order takes seconds, one by DNS minutes. */
export const waitDefaultMs = 300_000
/** …and at most: who wants to wait for days looks again. */
export const waitMostMs = 24 * 3_600_000
/** How often it looks meanwhile. */
export const waitLookMs = 1_000

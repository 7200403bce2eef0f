/** Lengths that are part of the format. */

export const keyBytes = 32
export const nonceBytes = 24
export const tagBytes = 16
/** A database's id. */
export const databaseIdBytes = 16

/**
 * What seals the pages and records of one database. Two implementations: encrypted, and plain with checksums.
 *
 * What a caller may assume. A page opens only at the place (tree, page, kind) it was sealed for, in the database it was sealed
 * for, and with the very tag its parent holds: whatever was changed, moved or put back from an earlier time is `DatabaseDamaged`.
 */

/** What a page is. Never renumber: bound into every sealed page. */
export const PageKind = { Leaf: 1, Inner: 2, Extent: 3, ExtentList: 4 } as const
export type PageKind = (typeof PageKind)[keyof typeof PageKind]

/** What a record is for; each has a key of its own. Never renumber. */
export const Purpose = { Root: 1, WrappedKey: 2, Secret: 3 } as const
export type Purpose = (typeof Purpose)[keyof typeof Purpose]

/** Where a page belongs. */
export interface Place {
  readonly tree: number
  readonly page: number
  readonly kind: PageKind
}

export interface Sealer {
  /** Name of the database, for texts of errors. */
  readonly database: string
  /** Number of the key that seals now; what was sealed keeps its own. */
  readonly epoch: number
  /** Fills `slot` (`sealedPageBytes`) from `plain` (`plainPageBytes`); returns the tag as a string of 16 bytes. */
  sealPage(place: Place, plain: Buffer, slot: Buffer): string
  /** Fills `plain` from `slot`. `tag` and `epoch` come from the parent. Throws `DatabaseDamaged`. */
  openPage(place: Place & Expected, slot: Buffer, plain: Buffer): void
  /** A record of any size, sealed; its last 16 bytes are the tag. */
  sealRecord(purpose: Purpose, plain: Buffer): Buffer
  /** Nothing where it does not open. */
  openRecord(purpose: Purpose, sealed: Buffer): Buffer | undefined
  /** Zeroes the keys. */
  close(): void
}

/** What the parent says about its child. */
export interface Expected {
  readonly tag: string
  readonly epoch: number
}

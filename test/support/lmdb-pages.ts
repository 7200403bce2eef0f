/**
 * Reads the page headers of an LMDB data file, to aim damage at LMDB's own structures rather than at the sealed bytes inside.
 * Header of a page, 24 bytes: number (8), transaction (8), pad (2), flags (2), lower (2), upper (2); the last two count from
 * the header's end: pointers fill up to `lower`, entries lie from `upper` to the end of the page.
 */

export type PageKind = 'meta' | 'branch' | 'leaf' | 'overflow'

export interface LmdbPage {
  readonly number: number
  readonly kind: PageKind
  /** Ranges of the file in which LMDB keeps what it follows: `from` inclusive, `to` exclusive. */
  readonly used: readonly { readonly from: number; readonly to: number }[]
}

export const lmdbPageBytes = 8192
const headerBytes = 24
const metaBytes = 160
const kinds: readonly (readonly [flag: number, kind: PageKind])[] = [
  [0x08, 'meta'],
  [0x01, 'branch'],
  [0x02, 'leaf'],
  [0x04, 'overflow'],
]

/** The pages of a data file that bear a header; runs of overflow pages count once, by their first. */
export function lmdbPages(file: Buffer): LmdbPage[] {
  const pages: LmdbPage[] = []
  for (let at = 0; at + lmdbPageBytes <= file.length; ) {
    const page = pageAt(file, at)
    if (page !== undefined) pages.push(page)
    at += lmdbPageBytes * (page?.kind === 'overflow' ? Math.max(1, file.readUInt32LE(at + 20)) : 1)
  }
  return pages
}

function pageAt(file: Buffer, at: number): LmdbPage | undefined {
  const number = at / lmdbPageBytes
  const flags = file.readUInt16LE(at + 18)
  const kind = kinds.find(([flag]) => (flags & flag) !== 0)?.[1]
  if (kind === undefined) return undefined
  const header = { from: at, to: at + headerBytes }
  if (kind === 'meta')
    return { number, kind, used: [{ from: at, to: at + headerBytes + metaBytes }] }
  if (file.readBigUInt64LE(at) !== BigInt(number)) return undefined
  if (kind === 'overflow') return { number, kind, used: [header] }
  const lower = at + headerBytes + file.readUInt16LE(at + 20)
  const upper = at + headerBytes + file.readUInt16LE(at + 22)
  return {
    number,
    kind,
    used: [
      { from: at, to: lower },
      { from: upper, to: at + lmdbPageBytes },
    ],
  }
}

/** Damage: one bit of a file turned over, anywhere or in what LMDB itself follows. */
import { readFileSync, writeFileSync } from 'node:fs'
import { type LmdbPage, lmdbPages } from './lmdb-pages.ts'
import type { Seeded } from './seeded.ts'

/** Turns one bit anywhere; gives a description for messages. */
export function flipAnywhere(file: string, random: Seeded): string {
  const bytes = readFileSync(file)
  return flip(file, bytes, random.whole(0, bytes.length - 1), random)
}

/** Turns one bit of a meta, branch or leaf page or of a value's page header; each kind as often as the others. */
export function flipInLmdb(file: string, random: Seeded): string {
  const bytes = readFileSync(file)
  const kind = random.pick(['meta', 'branch', 'leaf', 'overflow'] as const)
  const pages = lmdbPages(bytes)
  const chosen = pages.filter((page) => page.kind === kind)
  const page = random.pick(chosen.length > 0 ? chosen : pages)
  return `${page.kind} page ${page.number}, ${flip(file, bytes, within(page, random), random)}`
}

function within({ used }: LmdbPage, random: Seeded): number {
  const { from, to } = random.pick(used)
  return random.whole(from, to - 1)
}

function flip(file: string, bytes: Buffer, at: number, random: Seeded): string {
  const bit = random.whole(0, 7)
  bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << bit), at)
  writeFileSync(file, bytes)
  return `bit ${bit} of byte ${at}`
}

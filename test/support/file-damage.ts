/** Everything that may have become of a file of the data folder, as somebody else leaves it. */
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import type { Seeded } from './seeded.ts'

export interface FileDamage {
  readonly name: string
  /** `other`: a file of the same kind that belongs to somebody else. */
  readonly do: (file: string, parts: { readonly random: Seeded; readonly other: string }) => void
}

const lengths = [0, 1, 100, 4_095, 4_096, 8_191, 8_192, 12_000, 16_383, 16_384, 24_576] as const

/** Truncated to each of a set of lengths, flipped, zeroed, filled, longer, exchanged, linked, deleted, a folder. */
export const fileDamages: readonly FileDamage[] = [
  ...lengths.map((length) => ({
    name: `cut to ${length} bytes`,
    do: (file: string) => {
      if (lstatSync(file).size > length) truncateSync(file, length)
    },
  })),
  { name: 'zeroed', do: (file) => overwrite(file, (bytes) => bytes.fill(0)) },
  { name: 'filled with ones', do: (file) => overwrite(file, (bytes) => bytes.fill(0xff)) },
  {
    name: 'with 20 bits turned',
    do: (file, { random }) =>
      overwrite(file, (bytes) => {
        for (let i = 0; i < 20 && bytes.length > 0; i += 1) {
          const at = random.whole(0, bytes.length - 1)
          bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << random.whole(0, 7)), at)
        }
      }),
  },
  { name: 'longer', do: (file) => appendFileSync(file, Buffer.alloc(5_000, 1)) },
  { name: 'overwritten by another', do: (file, { other }) => copyFileSync(other, file) },
  {
    name: 'exchanged for another',
    do: (file, { other }) => {
      copyFileSync(other, `${file}.swap`)
      renameSync(`${file}.swap`, file)
    },
  },
  {
    name: 'a link to another',
    do: (file, { other }) => {
      rmSync(file)
      symlinkSync(other, file)
    },
  },
  { name: 'deleted', do: (file) => rmSync(file) },
  {
    name: 'a folder',
    do: (file) => {
      rmSync(file)
      mkdirSync(file)
    },
  },
]

function overwrite(file: string, change: (bytes: Buffer) => void): void {
  if (!existsSync(file)) return
  const bytes = readFileSync(file)
  change(bytes)
  writeFileSync(file, bytes)
}

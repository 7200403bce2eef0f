/** Zip archives of a few small files, with names that stay where they are unpacked. */
import { type Zippable, zipSync } from 'fflate'

/** Archives carry a time; a fixed one makes the same content the same bytes. */
const fixedTime = new Date('2000-01-01T00:00:00Z')
const fileNameCharactersMax = 100
const reservedOnWindows = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

export interface ZipEntry {
  /** Becomes `safeFileName(name)`. */
  readonly name: string
  readonly bytes: Uint8Array
}

/** Stored, not compressed: keys and certificates do not shrink. Names must differ. */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const files: Zippable = {}
  for (const { name, bytes } of entries)
    files[safeFileName(name)] = [bytes, { level: 0, mtime: fixedTime }]
  return Buffer.from(zipSync(files))
}

/** A name without folders, control or invisible characters, reserved words, dots at its ends: safe on every system, and never empty. */
export function safeFileName(name: string): string {
  const plain = name
    .normalize('NFC')
    .replace(/[\p{C}\\/:*?"<>|]/gu, '_')
    .replace(/^[.\s]+|[.\s]+$/g, '')
  const short = [...plain]
    .slice(-fileNameCharactersMax)
    .join('')
    .replace(/^[.\s]+/, '')
  if (short === '') return '_'
  return reservedOnWindows.test(short) ? `_${short}` : short
}

/**
 * Words that occur nowhere by chance, put into a database, and a search for them in everything that a server left on disk:
 * as UTF-8, as UTF-16 of both orders, in base64 at each of its three alignments and in hexadecimal, in files and in file names.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { filesBelow, foldersBelow } from './file-tree.ts'
import type { Seeded } from './seeded.ts'

/** That many words of 24 lower-case letters and digits. */
export function canaries(random: Seeded, count: number): string[] {
  return Array.from({ length: count }, () => `canary${random.bytes(9).toString('hex')}`)
}

export interface Finding {
  readonly canary: string
  readonly form: string
  /** File, or file name, in which it stood. */
  readonly place: string
}

interface Needle {
  readonly canary: string
  readonly form: string
  readonly bytes: Buffer
}

/** Every place below the folder in which one of the words stands in any of the forms. */
export function searchFolder(folder: string, words: readonly string[]): Finding[] {
  const needles = words.flatMap(formsOf)
  const findings = filesBelow(folder).flatMap((file) =>
    search(readFileSync(path.join(folder, file)), needles, file),
  )
  const names = [...filesBelow(folder), ...foldersBelow(folder)].join('\n')
  return [...findings, ...search(Buffer.from(names), needles, 'file names')]
}

/** The same search in one text, e.g. a log. */
export function searchText(text: string, words: readonly string[], place: string): Finding[] {
  return search(Buffer.from(text), words.flatMap(formsOf), place)
}

function search(bytes: Buffer, needles: readonly Needle[], place: string): Finding[] {
  return needles
    .filter((needle) => bytes.includes(needle.bytes))
    .map(({ canary, form }) => ({ canary, form, place }))
}

/** Every form in which a word might be written. */
export function formsOf(canary: string): Needle[] {
  const form = (name: string, bytes: Buffer): Needle => ({ canary, form: name, bytes })
  const wide = Buffer.from(canary, 'utf16le')
  return [
    form('UTF-8', Buffer.from(canary)),
    form('UTF-8 in capitals', Buffer.from(canary.toUpperCase())),
    form('UTF-16 LE', wide),
    form('UTF-16 BE', Buffer.from(wide).swap16()),
    form('hexadecimal', Buffer.from(Buffer.from(canary).toString('hex'))),
    ...[0, 1, 2].map((shift) =>
      form(`base64 shifted by ${shift}`, Buffer.from(base64Core(canary, shift))),
    ),
  ]
}

/** What base64 of any text with the word in it must contain, when the word begins `shift` bytes after a group of three. */
function base64Core(canary: string, shift: number): string {
  const whole = Buffer.from('\0'.repeat(shift) + canary)
    .toString('base64')
    .replaceAll('=', '')
  const bits = (shift + canary.length) * 8
  return whole.slice(Math.ceil((shift * 8) / 6), Math.floor(bits / 6))
}

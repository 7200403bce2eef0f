import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { canaries, searchFolder } from './canaries.ts'
import { temporaryFolder } from './file-tree.ts'
import { seeded } from './seeded.ts'

const [word = '', other = ''] = canaries(seeded(1), 2)
const encodings = [
  Buffer.from(`before ${word} after`),
  Buffer.from(`x${word}`, 'utf16le'),
  Buffer.from(`x${word}`, 'utf16le').swap16(),
  Buffer.from(Buffer.from(word).toString('hex')),
  ...[0, 1, 2].map((shift) =>
    Buffer.from(Buffer.from(`${'-'.repeat(shift)}${word}..`).toString('base64')),
  ),
]

test('searchFolder() finds a word in each form, and no other', () => {
  for (const bytes of encodings) {
    using folder = temporaryFolder('canaries')
    writeFileSync(path.join(folder.path, 'file'), bytes)
    const found = searchFolder(folder.path, [word, other])
    // UTF-16 of one order, read one byte later, is that of the other.
    assert.deepEqual(
      new Set(found.map(({ canary, place }) => canary + place)),
      new Set([`${word}file`]),
    )
  }
})

test('searchFolder() looks at the names of files and folders', () => {
  using folder = temporaryFolder('canaries')
  mkdirSync(path.join(folder.path, word))
  writeFileSync(path.join(folder.path, word, `${other}.db`), '')
  assert.deepEqual(
    searchFolder(folder.path, [word, other])
      .map(({ canary }) => canary)
      .sort(),
    [word, other].sort(),
  )
})

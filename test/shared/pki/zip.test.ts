import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { unzipSync } from 'fflate'
import { safeFileName, zip } from '#shared/pki/zip.ts'

test('zip() holds what was put in, the same bytes each time', () => {
  const entries = [
    { name: 'a.crt', bytes: Buffer.from('one') },
    { name: 'ä.key', bytes: Buffer.from('two') },
  ]
  const archive = zip(entries)
  assert.equal(archive.subarray(0, 2).toString(), 'PK')
  const files = unzipSync(archive)
  assert.deepEqual(Object.keys(files), ['a.crt', 'ä.key'])
  assert.equal(Buffer.from(files['ä.key'] ?? []).toString(), 'two')
  assert.deepEqual(zip(entries), archive)
})

test('safeFileName() keeps plain names and disarms the others', () => {
  const names = {
    'shop.pfx': 'shop.pfx',
    'lab-x y/ä,CN=z.crt': 'lab-x y_ä,CN=z.crt',
    '../../x.pfx': '_.._x.pfx',
    '/etc/passwd': '_etc_passwd',
    'C:\\x': 'C__x',
    'a\r\nb': 'a__b',
    'nul.key': '_nul.key',
    '..': '_',
    '': '_',
    '\u202efdp.exe': '_fdp.exe',
  }
  for (const [name, safe] of Object.entries(names)) assert.equal(safeFileName(name), safe)
})

test('safeFileName() never leaves the folder it is unpacked to', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      const safe = safeFileName(name)
      assert.doesNotMatch(safe, /[/\\\p{C}]|^\.|\.$/u)
      assert.ok(safe.length > 0)
    }),
    { numRuns: 1000 },
  )
})

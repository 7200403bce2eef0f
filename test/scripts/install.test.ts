import assert from 'node:assert/strict'
import { test } from 'node:test'
import { difference, withoutNodeModules } from '#scripts/install.mjs'

const wanted = {
  '': {},
  'node_modules/lmdb': { version: '3.5.6', integrity: 'sha512-a' },
  'node_modules/lmdb/node_modules/@scope/inner': { version: '1.0.0', integrity: 'sha512-b' },
  'node_modules/knip': { version: '6.0.0', integrity: 'sha512-c', dev: true },
  'node_modules/other-platform': { version: '1.0.0', integrity: 'sha512-d', optional: true },
}
const { 'node_modules/other-platform': _, ...complete } = wanted

test('difference() finds none where all but optional packages are there', () => {
  assert.equal(difference(wanted, complete, true), undefined)
})

test('difference() finds everything missing before the first install', () => {
  assert.equal(difference(wanted, undefined, false), 'nothing is installed yet')
})

test('difference() names the innermost package and both versions', () => {
  const older = { version: '0.9.0', integrity: 'sha512-b' }
  const installed = { ...complete, 'node_modules/lmdb/node_modules/@scope/inner': older }
  assert.equal(difference(wanted, installed, true), '@scope/inner 1.0.0 is wanted, 0.9.0 is there')
})

test('difference() sees the same version with other content', () => {
  const installed = {
    ...complete,
    'node_modules/lmdb': { version: '3.5.6', integrity: 'sha512-x' },
  }
  assert.match(String(difference(wanted, installed, true)), /^lmdb 3\.5\.6 is wanted/)
})

test('difference() asks for development packages only where they are needed', () => {
  const { 'node_modules/knip': _knip, ...installed } = complete
  assert.equal(difference(wanted, installed, false), undefined)
  assert.equal(difference(wanted, installed, true), 'knip 6.0.0 is missing')
})

test("withoutNodeModules() leaves the machine's own folders, in order", () => {
  assert.equal(
    withoutNodeModules('/app/node_modules/.bin:/usr/bin:/x/node_modules/npm/bin:/bin'),
    '/usr/bin:/bin',
  )
})

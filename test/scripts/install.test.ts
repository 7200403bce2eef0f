import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmodSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { difference, withoutNodeModules } from '#scripts/install.mjs'
import { checkout } from '#test/support/checkout.ts'

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

test('install() runs npm once when two begin together, and not again afterwards', async (t) => {
  const lock = JSON.stringify({ packages: { 'node_modules/x': { version: '1.0.0' } } })
  const npm =
    '#!/bin/sh\necho "$@" >>calls\nsleep 0.3\ncp package-lock.json node_modules/.package-lock.json\n'
  const { root, env } = checkout(t, { 'package-lock.json': lock, 'bin/npm': npm })
  chmodSync(`${root}/bin/npm`, 0o755)
  const options = { cwd: root, env: { ...env, PATH: `${root}/bin:${env.PATH}` } }
  const run = () => promisify(execFile)(process.execPath, ['scripts/install.mjs'], options)
  const both = await Promise.all([run(), run()])
  await run()
  assert.equal(readFileSync(`${root}/calls`, 'utf8').trim().split('\n').length, 1)
  const said = both.map(({ stderr }) => stderr.split(/[ ,]/)[0]).toSorted()
  assert.deepEqual(said, ['Installing', 'Waiting'])
})

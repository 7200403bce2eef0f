import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { days } from '#scripts/days.mjs'
import { root } from '#scripts/install.mjs'
import { dealt, filesOf, nodeArguments, phases, readArguments } from '#scripts/phases.mjs'

const isolated = {
  name: 'x',
  what: '',
  folders: ['', 'deep'],
  isolated: true,
  minutesMax: 1,
  testSecondsMax: 2,
}

test('readArguments() chooses all phases where none is named, and keeps their order', () => {
  const byDefault = phases.filter((phase) => phase.longOnly !== true)
  assert.deepEqual(readArguments([]), { long: false, chosen: byDefault })
  assert.deepEqual(readArguments(['--long']), { long: true, chosen: phases })
  const { long, chosen } = readArguments(['flows', '--long', 'unit'])
  assert.deepEqual([long, ...chosen.map((phase) => phase.name)], [true, 'unit', 'flows'])
})

test('readArguments() chooses every phase that is named', () => {
  const names = phases.map((phase) => phase.name)
  assert.deepEqual(readArguments(names).chosen, phases)
})

test('readArguments() names the phases where one is unknown', () => {
  assert.throws(() => readArguments(['unti']), /Cannot test "unti": the phases are unit, flows,/)
})

test('filesOf() takes folders with all that is in them, test/ itself without, and long ones only when asked', (t) => {
  const folder = mkdtempDisposableSync(path.join(tmpdir(), 'phases-'))
  t.after(() => folder.remove())
  mkdirSync(path.join(folder.path, 'test', 'deep', 'er'), { recursive: true })
  mkdirSync(path.join(folder.path, 'test', 'other'), { recursive: true })
  const all = ['b.test.ts', 'a.ts', 'deep/er/c.test.ts', 'deep/d.long.test.ts', 'other/e.test.ts']
  for (const file of all) writeFileSync(path.join(folder.path, 'test', file), '')
  const short = filesOf(isolated, { root: folder.path, long: false })
  assert.deepEqual(short, ['test/b.test.ts', 'test/deep/er/c.test.ts'])
  const long = filesOf(isolated, { root: folder.path, long: true })
  assert.deepEqual(long, ['test/b.test.ts', 'test/deep/d.long.test.ts', 'test/deep/er/c.test.ts'])
})

test('filesOf() leaves long ones out on another day, and takes only what a short form names', (t) => {
  const folder = mkdtempDisposableSync(path.join(tmpdir(), 'phases-'))
  t.after(() => folder.remove())
  mkdirSync(path.join(folder.path, 'test'))
  for (const file of ['a.test.ts', 'b.test.ts', 'c.long.test.ts'])
    writeFileSync(path.join(folder.path, 'test', file), '')
  const phase = { ...isolated, folders: [''], day: days[0], short: ['test/b.test.ts'] }
  const at = (long: boolean) => filesOf(phase, { root: folder.path, long })
  assert.deepEqual(at(false), ['test/b.test.ts'])
  assert.deepEqual(at(true), ['test/a.test.ts', 'test/b.test.ts'])
})

test('phases run on every other day in the short form, and their short lists name files that exist', () => {
  const chosen = readArguments([]).chosen
  const onDays = chosen.flatMap((phase) => (phase.day === undefined ? [] : [phase.day.id]))
  assert.deepEqual(new Set(onDays), new Set(days.map((day) => day.id)))
  for (const phase of chosen)
    for (const file of phase.short ?? []) assert.ok(existsSync(path.join(root, file)), file)
})

test('filesOf() finds nothing in a folder that is not there', () => {
  assert.deepEqual(
    filesOf({ ...isolated, folders: ['nowhere'] }, { root: '/no/such', long: true }),
    [],
  )
})

test('nodeArguments() isolates by process only where the phase asks for it', () => {
  const run = { files: ['test/a.test.ts'], countsFile: '/c' }
  const args = nodeArguments(isolated, run)
  assert.ok(args.includes('--test-concurrency=1') && args.includes('--test-timeout=2000'))
  assert.equal(args.at(-1), 'test/a.test.ts')
  assert.ok(nodeArguments({ ...isolated, isolated: false }, run).includes('--test-isolation=none'))
})

test('dealt() gives every file to one process, and no process none', () => {
  assert.deepEqual(dealt(['a', 'b', 'c'], 2), [['a', 'c'], ['b']])
  assert.deepEqual(dealt(['a'], 4), [['a']])
  assert.deepEqual(dealt(['a', 'b'], 1), [['a', 'b']])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as rules from '#test/support/source-tree/rules.ts'
import { type SourceFile, sourceFile } from '#test/support/source-tree/source-tree.ts'

function tree(files: Readonly<Record<string, string>>): SourceFile[] {
  return Object.entries(files).map(([path, text]) => sourceFile(path, text))
}

test('foldersKeepApart() finds an import across, and lets through what the table names', () => {
  const files = tree({
    'server/a.ts': "import { x } from '#operator/b.ts'\nimport { y } from '#shared/c.ts'\n",
    'shared/c.ts': "export const z = await import('#server/a.ts')\n",
  })
  const may = { server: ['shared'], operator: [], shared: [] }
  assert.deepEqual(rules.foldersKeepApart(files, may), [
    'server/a.ts imports operator/b.ts: server/ may import shared; pass it in as an argument',
    'shared/c.ts imports server/a.ts: shared/ may import none; pass it in as an argument',
  ])
})

test('importsPointDown() finds an arrow up, types too, and a part without a place', () => {
  const files = tree({
    'server/app.ts': "import { http } from './http/server.ts'\n",
    'server/http/server.ts': "import './routes/a.ts'\nimport type { App } from '#server/app.ts'\n",
    'server/http/routes/a.ts': '',
    'server/new/b.ts': '',
    'server/app-wiring.ts': "import './http/server.ts'\n",
  })
  assert.deepEqual(rules.importsPointDown(files, 'server', ['app', 'http']), [
    'server/http/server.ts imports server/app.ts, which lies above it: pass it in as an argument, or move what both need down',
    'server/new/b.ts is in no layer: give new a place in the list of server/',
  ])
})

test('importsPointDown() takes loose files of a folder as its first layer', () => {
  const files = tree({
    'server/storage/engine.ts': "import './btree/tree.ts'\n",
    'server/storage/btree/tree.ts': "import '../bytes.ts'\n",
  })
  const offences = rules.importsPointDown(files, 'server/storage', ['storage', 'btree'])
  assert.equal(offences.length, 1)
  assert.match(
    String(offences[0]),
    /^server\/storage\/btree\/tree\.ts imports server\/storage\/bytes\.ts/,
  )
})

test('partsKeepApart() finds a part that knows another, in either direction', () => {
  const files = tree({
    'operator/a/plan.ts': "import '../b/plan.ts'\nimport '#operator/kube/kube.ts'\n",
    'operator/b/plan.ts': "import './other.ts'\nimport type { A } from '#operator/a/plan.ts'\n",
    'operator/app.ts': "import './a/plan.ts'\n",
  })
  assert.deepEqual(rules.partsKeepApart(files, 'operator', ['a', 'b']), [
    'operator/a/plan.ts imports operator/b/plan.ts: move what both need down into operator/',
    'operator/b/plan.ts imports operator/a/plan.ts: move what both need down into operator/',
  ])
})

test('noCycles() names the whole ring', () => {
  const files = tree({
    'server/a.ts': "import './b.ts'\n",
    'server/b.ts': "export * from './c.ts'\n",
    'server/c.ts': "import type { A } from './a.ts'\n",
    'server/d.ts': "import './a.ts'\n",
  })
  assert.deepEqual(rules.noCycles(files), [
    'server/a.ts → server/b.ts → server/c.ts → server/a.ts: a ring of imports; move what they share into a file of its own',
  ])
})

test('relativeStaysInside() asks for the alias where a path climbs into another part', () => {
  const files = tree({
    'server/http/routes/a.ts': "import '../route.ts'\nimport '../../access/actions.ts'\n",
  })
  assert.deepEqual(rules.relativeStaysInside(files), [
    'server/http/routes/a.ts imports ../../access/actions.ts: write #server/access/actions.ts',
  ])
})

test('packagesHaveHomes() finds a package away from home, by sub-path and scope too, and one without a row', () => {
  const files = tree({
    'server/seal/sodium.ts':
      "import sodium from 'sodium-native'\nimport { readFile } from 'node:fs'\n",
    'server/seal/page.ts': "import sodium from 'sodium-native/x.js'\n",
    'server/http/a.ts': "import { b } from '@fastify/b/c'\n",
  })
  assert.deepEqual(rules.packagesHaveHomes(files, { 'sodium-native': ['server/seal/sodium.ts'] }), [
    'server/seal/page.ts imports sodium-native: only server/seal/sodium.ts may; go through what it exports',
    'server/http/a.ts imports @fastify/b: only none may; go through what it exports',
  ])
})

test('testsMirror() asks for a test where there is logic, and for no more exceptions than needed', () => {
  const files = tree({
    'server/a.ts': 'export function a() {}\n',
    'server/b.ts': 'export const b = (x: number) => x + 1\n',
    'test/server/b.test.ts': '',
    'server/pfx-read.ts': 'export function read() {}\n',
    'test/server/pfx.test.ts': '',
    'server/c.types.ts': 'export interface C { go(): void }\n',
    'server/d.ts':
      'export type D = (x: number) => void\nexport interface E {\n  f: () => void\n}\nexport const d = { level: 1 }\n',
    'server/e.ts': 'export class E {}\n',
  })
  assert.deepEqual(rules.testsMirror(files, { 'server/e.ts': 'why', 'server/b.ts': 'old' }), [
    'server/a.ts has no test: write test/server/a.test.ts',
    'server/b.ts needs no exception from mirrored tests any more: delete its row',
  ])
})

test('budgets() counts lines and exports, more of them in tables', () => {
  const exported = Array.from({ length: 9 }, (_, n) => `export const n${n} = ${n}\n`).join('')
  const files = tree({
    'server/a.ts': '\n'.repeat(301),
    'server/b.ts': exported,
    'server/limits.ts': exported + '\n'.repeat(391),
  })
  assert.deepEqual(rules.budgets(files, ['server/limits.ts']), [
    'server/a.ts has 301 lines of 300: split it by what it does',
    'server/b.ts exports 9 names of 8: split it by who needs them',
  ])
})

test('bannedWords() looks at code, not at comments and texts, and says what to use', () => {
  const files = tree({
    'server/a.ts': "// console.log\nconst a = 'console.log'\n",
    'server/b.ts': 'const text = `${console.log(1)}`\n',
    'server/c.ts': 'console.log(1)\n',
  })
  const word = { word: /\bconsole\./, use: 'the logger', in: ['server/'], except: ['server/c.ts'] }
  assert.deepEqual(rules.bannedWords(files, [word]), [
    'server/b.ts:1 says console.: use the logger',
  ])
})

test('errorsAreUsed() finds a row that nothing throws', () => {
  const files = tree({
    'server/errors.ts':
      'export const errors = defineErrors({\n  A: {\n    status: 1,\n  },\n  B: {\n  },\n})\n',
    'server/x.ts': "throw errors.A('errors.B')\n",
  })
  assert.match(
    rules.errorsAreUsed(files).join('\n'),
    /^server\/errors\.ts: nothing throws B; [^\n]+$/,
  )
})

test('nothingLeftToDo() finds marks of unfinished work in comments too', () => {
  const files = tree({ 'server/a.ts': `const a = 1\n// ${'TO' + 'DO'} later\n` })
  assert.match(rules.nothingLeftToDo(files).join('\n'), /^server\/a\.ts:2 says /)
})

test('drawingsNameWhatExists() finds a file that went, and takes names for what they end with', () => {
  const text =
    'gone.ts\n```\n├─ server/http/a.ts  b.ts, ../db/c.ts\n│  server/gone.ts\n```\n```sh\nnode x.mjs\n```\n'
  assert.deepEqual(
    rules.drawingsNameWhatExists(
      ['a.md', 'server/http/a.ts', 'x/b.ts', 'server/db/c.ts'],
      () => text,
    ),
    ['a.md draws server/gone.ts, which does not exist: say where it is now'],
  )
})

test('pagesNameWhatExists() finds a file or folder that went', () => {
  const texts: Readonly<Record<string, string>> = {
    'README.md':
      'See `server/http`, `server/http/`, `server/http/a.ts`, `server/gone.ts`, `server/<kind>/x.ts`, `docs/old/`',
    'docs/reference/a.md': '`server/gone.ts`',
  }
  const paths = ['README.md', 'docs/reference/a.md', 'server/http/a.ts']
  assert.deepEqual(
    rules.pagesNameWhatExists(paths, (page) => texts[page] ?? ''),
    [
      'README.md names server/gone.ts, which does not exist: say where it is now',
      'README.md names docs/old/, which does not exist: say where it is now',
    ],
  )
})

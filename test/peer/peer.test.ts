/** Our server, answer by answer, against what RavenDB 7.2.7 answered. */
import assert from 'node:assert/strict'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { startServer } from '#test/support/server-process.ts'
import { compareServer } from './comparison.ts'
import { ourRecords } from './golden.ts'
import type { ExpectedDifference } from './judge.ts'

const here = import.meta.dirname

test('server: every answer is that of RavenDB 7.2.7, or declared with its reason', async (t) => {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'strongroom-peer-'))
  await using server = await startServer({ folder })
  const pki = path.join(folder, 'certificates')
  const target = {
    url: new URL(server.url),
    pki,
    admin: path.join(pki, 'admin'),
    ...ourRecords,
    patienceMs: 1_000,
    waitMsMax: 200,
    danger: true, // what spoils a server is refused, or spoils one that is thrown away
  }
  const report = await compareServer(target, await declared(), (line) => t.diagnostic(line))
  t.diagnostic(`on routes not built yet: ${report.notBuiltRoutes().join(', ')}`)

  await t.test('no difference is undeclared', () => {
    assert.deepEqual(report.undeclared, [], report.lines().join('\n'))
  })
  await t.test('no declaration is out of date', () => assert.deepEqual(report.stale(), []))
  await t.test('every step is recorded', () => assert.deepEqual(report.unknown, []))
  await t.test('the server stands after all that', () => assert.ok(server.alive))
  await server.stop()
  await fs.rm(folder, { recursive: true })
})

async function declared(): Promise<ExpectedDifference[]> {
  return JSON.parse(await fs.readFile(path.join(here, 'expected-differences.json'), 'utf8'))
}

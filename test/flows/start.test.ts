/** The process itself: what it prints, how it is asked to stop, and what it says when it cannot start. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { spawnServer, startServer } from '#test/support/server-process.ts'

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'strongroom-process-'))
  try {
    await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

test('a server prints where it is and who its administrator is, and nothing else, on standard output', () =>
  inFolder(async (folder) => {
    await using server = await startServer({ folder })
    await using admin = server.caller()
    assert.equal((await admin.get('/certificates/whoami')).json().Name, 'admin')
    assert.equal((await admin.get('/health/ready')).status, 204)
    server.child.stdin?.write('shutdown no-confirmation\n')
    await new Promise((resolve) => server.child.once('close', resolve))
    assert.equal(server.child.exitCode, 0)
    const pfx = join(folder, 'certificates', 'admin.pfx')
    assert.equal(server.output(), `Server available on: ${server.url}\nAdmin certificate: ${pfx}\n`)
    for (const line of server.log().trim().split('\n'))
      assert.match(JSON.parse(line).stream, /^(log|audit)$/)
  }))

for (const [how, last] of [
  ['without the end of its line', (input: Writable) => input.write('shutdown')],
  ['as the last word of standard input', (input: Writable) => input.end('help\nshutdown')],
] as const) {
  test(`a server stops cleanly when it is told to shut down ${how}`, () =>
    inFolder(async (folder) => {
      await using server = await startServer({ folder, settings: ['--RunInMemory=true'] })
      const closed = once(server.child, 'close', { signal: AbortSignal.timeout(5_000) })
      last(server.child.stdin as Writable)
      await closed
      assert.equal(server.child.exitCode, 0)
    }))
}

test('a server goes on when its standard input ends, or says something else', () =>
  inFolder(async (folder) => {
    await using server = await startServer({ folder, settings: ['--RunInMemory=true'] })
    server.child.stdin?.end('no shutdown\nshutdowns\n')
    await using admin = server.caller()
    assert.equal((await admin.get('/health/ready')).status, 204)
    await sleep(200)
    assert.equal((await admin.get('/health/ready')).status, 204)
    assert.equal(server.child.exitCode, null)
  }))

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`a server stops cleanly on ${signal}, although connections are open`, () =>
    inFolder(async (folder) => {
      await using server = await startServer({ folder, settings: ['--RunInMemory=true'] })
      await using admin = server.caller()
      await admin.get('/build/version')
      const started = performance.now()
      server.child.kill(signal)
      await new Promise((resolve) => server.child.once('close', resolve))
      assert.equal(server.child.exitCode, 0)
      assert(performance.now() - started < 3_000)
    }))
}

test('a server that cannot start says why in one line, prints nothing, and ends with another code than 0', () =>
  inFolder(async (folder) => {
    const wrong = spawnServer({ folder, settings: ['--SeverUrl=x'] })
    assert.notEqual((await wrong.ended)[0], 0)
    assert.match(wrong.texts.log, /^SettingUnknown: .*"ServerUrl"\?\n$/)
    assert.equal(wrong.texts.output, '')
  }))

test('a server whose master key others can read does not start, and names file and fix', () =>
  inFolder(async (folder) => {
    await (await startServer({ folder })).stop()
    const key = join(folder, 'keys', 'master.key')
    await chmod(key, 0o644)
    const { ended, texts } = spawnServer({ folder })
    assert.notEqual((await ended)[0], 0)
    assert.match(texts.log.trim(), /^MasterKeyTooWide: .*master\.key.*$/)
  }))

test('of two servers on one folder the older one stops with its coded error', () =>
  inFolder(async (folder) => {
    const older = await startServer({ folder })
    const ended = new Promise((resolve) => older.child.once('close', resolve))
    await using younger = await startServer({ folder })
    await ended
    assert.notEqual(older.child.exitCode, 0)
    assert.match(older.log(), /DataDirectoryTaken/)
    await using admin = younger.caller()
    assert.equal((await admin.put('/admin/databases?name=a', { DatabaseName: 'a' })).status, 201)
  }))

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { checkout } from '#test/support/checkout.ts'

const start = ['scripts/start.mjs', '--Key=a b', '--Other']

test('start passes arguments, input and the exit code through, and keeps standard output clean', (t) => {
  const main = `
    process.stdout.write(JSON.stringify(process.argv.slice(2)) + process.env.NODE_COMPILE_CACHE)
    process.stdin.on('data', (input) => process.stdout.write(input)).on('end', () => process.exit(7))`
  const { root, env } = checkout(t, { 'server/main.ts': main })
  const run = spawnSync(process.execPath, start, {
    cwd: root,
    env,
    input: 'shutdown\n',
    encoding: 'utf8',
  })
  assert.equal(run.stdout, `["--Key=a b","--Other"]${root}/cache/strongroom/compileshutdown\n`)
  assert.equal(run.status, 7)
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`start passes ${signal} on and ends as the server does`, async (t) => {
    const main = `
      process.on('${signal}', () => process.exit(9))
      setInterval(() => {}, 1000)
      process.stdout.write('up')`
    const { root, env } = checkout(t, { 'server/main.ts': main })
    const run = spawn(process.execPath, start, {
      cwd: root,
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    await once(run.stdout, 'data')
    run.kill(signal)
    assert.deepEqual(await once(run, 'exit'), [9, null])
  })
}

test('start dies of the signal that killed the server', (t) => {
  const { root, env } = checkout(t, { 'server/main.ts': "process.kill(process.pid, 'SIGKILL')" })
  const run = spawnSync(process.execPath, start, { cwd: root, env })
  assert.equal(run.signal, 'SIGKILL')
})

test('start says what stopped it', (t) => {
  const lock = JSON.stringify({ packages: { 'node_modules/x': { version: '1.0.0' } } })
  const { root, env } = checkout(t, { 'package-lock.json': lock })
  const run = spawnSync(process.execPath, start, {
    cwd: root,
    env: { ...env, PATH: '/nowhere' },
    encoding: 'utf8',
  })
  assert.equal(run.status, 1)
  assert.deepEqual(run.stderr.split('\n'), [
    'Installing packages, since x 1.0.0 is missing: npm ci',
    'Cannot install: npm did not start (spawnSync npm ENOENT)',
    '',
  ])
})

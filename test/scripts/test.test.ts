import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { checkout } from '#test/support/checkout.ts'

const passing = "import { test } from 'node:test'\ntest('passes', () => {})\n"
const failing = "import { test } from 'node:test'\ntest('fails', () => { throw new Error('no') })\n"
const long =
  "import { test } from 'node:test'\ntest(`is long ${process.env['STRONGROOM_TEST_LONG']}`, () => {})\n"

test('test adds its phases up, fails with them, and closes with one line', (t) => {
  const files = {
    'test/a.test.ts': passing,
    'test/server/b.test.ts': passing,
    'test/crash/c.test.ts': failing,
  }
  const { root, env } = checkout(t, files)
  const run = spawnSync(process.execPath, ['scripts/test.mjs', 'unit', 'crash'], {
    cwd: root,
    env,
    encoding: 'utf8',
  })
  assert.equal(run.status, 1)
  assert.match(run.stdout, /\nfailed in crash: fails \(test\/crash\/c\.test\.ts:2\)\n/)
  assert.ok(run.stdout.endsWith('\n2 passed, 1 failed\n'))
})

test('test runs only the phases that are named', (t) => {
  const { root, env } = checkout(t, { 'test/a.test.ts': passing, 'test/crash/c.test.ts': failing })
  const run = spawnSync(process.execPath, ['scripts/test.mjs', 'unit'], {
    cwd: root,
    env,
    encoding: 'utf8',
  })
  assert.equal(run.status, 0)
  assert.ok(run.stdout.endsWith('\n1 passed, 0 failed\n'))
})

test('test counts a file that cannot be loaded', (t) => {
  const { root, env } = checkout(t, {
    'test/a.test.ts': passing,
    'test/b.test.ts': 'import "#nothing"\n',
  })
  const run = spawnSync(process.execPath, ['scripts/test.mjs', 'unit'], {
    cwd: root,
    env,
    encoding: 'utf8',
  })
  assert.equal(run.status, 1)
  assert.match(run.stdout, /\n\d passed, 1 failed\n$/)
})

test('test --long runs the long ones too and tells all of them', (t) => {
  const { root, env } = checkout(t, {
    'test/crash/a.long.test.ts': long,
    'test/crash/b.test.ts': long,
  })
  const short = spawnSync(process.execPath, ['scripts/test.mjs'], {
    cwd: root,
    env,
    encoding: 'utf8',
  })
  assert.ok(short.stdout.endsWith('\n1 passed, 0 failed\n'))
  const all = spawnSync(process.execPath, ['scripts/test.mjs', '--long'], {
    cwd: root,
    env,
    encoding: 'utf8',
  })
  assert.equal(all.stdout.match(/is long 1 /g)?.length, 2)
  assert.ok(all.stdout.endsWith('\n2 passed, 0 failed\n'))
})

const look = `process.stdout.write(JSON.stringify({ kind: 'none', reason: 'Go is missing', fix: 'install Go' }))`

for (const [ci, status, last] of [
  ['', 0, '0 passed, 0 failed'],
  ['true', 1, '0 passed, 1 failed'],
] as const)
  test(`test lists what needs a Kubernetes where there can be none; with CI="${ci}" it ends with ${status}`, (t) => {
    const files = { 'test/cluster/a.test.ts': failing, 'test/cluster/look.ts': look }
    const { root, env } = checkout(t, files)
    const run = spawnSync(process.execPath, ['scripts/test.mjs', 'cluster'], {
      cwd: root,
      env: { ...env, CI: ci, DOCKER_HOST: 'nowhere' },
      encoding: 'utf8',
    })
    assert.equal(run.status, status)
    assert.match(run.stdout, /\nnot run: test\/cluster\/a\.test\.ts\n {2}because Go is missing\n/)
    assert.ok(run.stdout.endsWith(`\n${last}\n`))
  })

const lack = `process.stdout.write(JSON.stringify({ reason: 'Go is missing', fix: 'install Go' }))`
const needing = `import { acmeLab } from '#test/support/acme-lab/acme-lab.ts'\n${failing}`

for (const [ci, status, last] of [
  ['', 0, '1 passed, 0 failed'],
  ['true', 1, '1 passed, 1 failed'],
] as const)
  test(`test runs what does without the ACME lab where there can be none; with CI="${ci}" it ends with ${status}`, (t) => {
    const files = {
      'test/flows/a.test.ts': needing,
      'test/flows/b.test.ts': passing,
      'test/tools/look.ts': lack,
    }
    const { root, env } = checkout(t, files)
    const run = spawnSync(process.execPath, ['scripts/test.mjs', 'flows'], {
      cwd: root,
      env: { ...env, CI: ci },
      encoding: 'utf8',
    })
    assert.equal(run.status, status)
    assert.match(run.stdout, /\nnot run: test\/flows\/a\.test\.ts\n {2}because Go is missing\n/)
    assert.ok(run.stdout.endsWith(`\n${last}\n`))
  })

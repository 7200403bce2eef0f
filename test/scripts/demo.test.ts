import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { checkout } from '#test/support/checkout.ts'

const env = (own: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({ ...own, DOCKER_HOST: 'nowhere' })
const keeper = `process.stdout.write('swept')`

test('demo ends as its program does, and takes the folder away', (t) => {
  const main = 'process.stdout.write(process.argv[2]); process.exitCode = 3'
  const { root, env: own } = checkout(t, {
    'demo/main.ts': main,
    'test/cluster/built/keeper.ts': keeper,
  })
  const run = spawnSync(process.execPath, ['scripts/demo.mjs'], {
    cwd: root,
    env: env(own),
    encoding: 'utf8',
  })
  assert.equal(run.status, 3)
  assert.match(run.stdout, /strongroom-demo-/)
  assert.equal(existsSync(run.stdout.trim()), false)
})

test('demo passes a Ctrl-C on to everything that its program started, and ends well', async (t) => {
  const main = `
    import { spawn } from 'node:child_process'
    import { once } from 'node:events'
    const child = spawn('sleep', ['60'])
    process.on('SIGTERM', () => undefined)
    process.stdout.write('up')
    const [, signal] = await once(child, 'exit')
    process.stdout.write('child ended by ' + signal)`
  const { root, env: own } = checkout(t, {
    'demo/main.ts': main,
    'test/cluster/built/keeper.ts': keeper,
  })
  const run = spawn(process.execPath, ['scripts/demo.mjs'], {
    cwd: root,
    env: env(own),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  run.stdout.on('data', (part) => (text += part))
  await once(run.stdout, 'data')
  run.kill('SIGINT')
  assert.deepEqual(await once(run, 'exit'), [0, null])
  assert.match(text, /Taking everything away ….*child ended by SIGTERM/s)
})

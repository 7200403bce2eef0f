/** `npm run demo` as a reader has it: until everything is ready, a line copied from the screen, and Ctrl-C at several moments. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { clustersFolder } from '#scripts/cache.mjs'
import { availableCluster } from './available.ts'
import { run, until } from './run.ts'
import { root } from './suite.ts'

interface Demo extends Disposable {
  readonly text: () => string
  readonly process: ChildProcess
}

function startDemo(...args: readonly string[]): Demo {
  const process_ = spawn(process.execPath, [join(root, 'scripts/demo.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  process_.stdout.on('data', (part) => {
    text += part
  })
  return {
    text: () => text,
    process: process_,
    [Symbol.dispose]: () => process_.kill('SIGTERM'),
  }
}

/** Ctrl-C. Answers the numbers of the clusters that the demo had, up to its end. */
async function interrupt({ process: { pid = 0 }, process: child }: Demo): Promise<Set<string>> {
  const numbers = new Set(clustersOf(pid))
  child.kill('SIGINT')
  const ended = once(child, 'exit')
  const look = setInterval(() => {
    for (const number of clustersOf(pid)) numbers.add(number)
  }, 10)
  assert.deepEqual(await ended, [0, null])
  clearInterval(look)
  return numbers
}

/** Clusters whose owner is a child of this process. */
function clustersOf(parent: number): readonly string[] {
  if (!existsSync(clustersFolder())) return []
  return readdirSync(clustersFolder())
    .filter((name) => name.endsWith('.owner'))
    .filter((name) => {
      const [owner = ''] = read(join(clustersFolder(), name)).split(' ')
      return new RegExp(`^PPid:\\s+${parent}$`, 'm').test(read(`/proc/${owner}/status`))
    })
    .map((name) => /\d+/.exec(name)?.[0] ?? '')
}

/** What the cluster of this number leaves where it is not taken down. */
async function traces(number: string): Promise<readonly string[]> {
  const all = [
    ...(await run('ip', ['netns', 'list'])).split('\n'),
    ...(await run('ip', ['route'])).split('\n'),
    ...globSync('/sys/fs/cgroup/*/*'),
    ...read('/proc/self/mounts').split('\n'),
    ...(existsSync(clustersFolder()) ? readdirSync(clustersFolder()) : []),
    ...readdirSync('/proc').map((pid) => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')),
  ]
  return all.filter((line) => new RegExp(`\\b(?:cluster-|src)${number}\\b`).test(line))
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '' // ended between the listing and the look
  }
}

function demoFolders(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('strongroom-demo-'))
}

async function nothingIsLeft(
  numbers: ReadonlySet<string>,
  foldersBefore: readonly string[],
): Promise<void> {
  for (const number of numbers) assert.deepEqual(await traces(number), [])
  const added = demoFolders().filter((name) => !foldersBefore.includes(name))
  assert.deepEqual(added, []) // one from before may be gone: another demo's, that has ended
}

test('the demo comes up, its lines work as they are printed, and Ctrl-C leaves nothing', async () => {
  const before = demoFolders()
  using demo = startDemo()
  await until(
    'the demo to be ready',
    () => demo.text().includes('\nReady after ') || demo.process.exitCode !== null || undefined,
    { withinMs: 900_000 },
  )
  assert.match(demo.text(), /\nReady after /)
  const lines = demo
    .text()
    .replaceAll(/\\\n +/g, '')
    .split('\n')
  const copied = (...starts: readonly string[]): string[] =>
    lines
      .map((line) => line.trim())
      .filter((line) => starts.some((start) => line.startsWith(start)))
  const script = copied('. /', 'curl', 'kubectl get', 'kubectl strongroom', 'node').join('\n')
  const shown = await run('bash', ['-e', '-c', script])
  assert.match(shown, /"Total":7.1/)
  assert.match(shown, /strongroom\.strongroom\.dev\/vault +True +Ready/)
  assert.match(shown, /^Strongroom default\/vault\n {2}Ready +True$/m)
  assert.match(shown, /"customer":"customers\/7"/)
  // A line that is cut by the edge of a terminal cannot be read; that of the official client names a file.
  const wide = demo
    .text()
    .split('\n')
    .filter((line) => line.length > 80 && !/^ {2}(node|\.) /.test(line))
  assert.deepEqual(wide, [])
  const numbers = await interrupt(demo)
  assert.equal(numbers.size, 1)
  await nothingIsLeft(numbers, before)
})

test('the demo with --acme shows the certificate of a CA that is served, and Ctrl-C leaves nothing', async (t) => {
  if ((await availableCluster()).kind === 'kind') return t.skip('kind has no way to a CA')
  const before = demoFolders()
  using demo = startDemo('--acme')
  const shown =
    / s {2}vault\.lab\.test is issued and served\n[\s\S]*\nfirst +[\d:]{8} +\w{16} +[\d:]{8} +[\d:]{8} +1\n/
  await until(
    'the certificate',
    () => shown.test(demo.text()) || demo.process.exitCode !== null || undefined,
    { withinMs: 900_000 },
  )
  assert.match(demo.text(), shown)
  await nothingIsLeft(await interrupt(demo), before)
})

for (const moment of ['Image of this checkout', 'Kubernetes, one node'])
  test(`Ctrl-C right after "${moment}" leaves nothing either`, async () => {
    const before = demoFolders()
    using demo = startDemo()
    await until('the moment', () => demo.text().includes(`s  ${moment}`) || undefined, {
      withinMs: 900_000,
      everyMs: 20,
    })
    await nothingIsLeft(await interrupt(demo), before)
  })

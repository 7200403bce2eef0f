import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { load } from 'js-yaml'
import { material, readKubeconfig } from '#operator/kube/kubeconfig.ts'

let folder: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubeconfigs-'))
})
after(() => rmSync(folder, { recursive: true, force: true }))

let count = 0
function write(text: string): string {
  count += 1
  const place = join(folder, String(count))
  mkdirSync(place)
  writeFileSync(join(place, 'config'), text)
  return join(place, 'config')
}

const whole = `
current-context: x
contexts:
- {name: x, context: {cluster: c, user: u, namespace: shop}}
- {name: y, context: {cluster: d, user: u}}
clusters: [{name: c, cluster: {server: "https://192.0.2.1"}}, {name: d, cluster: {server: "https://192.0.2.2"}}]
users: [{name: u, user: {token: t}}]
`

test('readKubeconfig() takes the current context, or the one that is asked for', () => {
  const file = write(whole)
  const current = readKubeconfig([file])
  assert.equal(current.context, 'x')
  assert.equal(current.namespace, 'shop')
  assert.equal(current.cluster.entry.server, 'https://192.0.2.1')
  assert.equal(current.user.entry.token, 't')
  const other = readKubeconfig([file], 'y')
  assert.equal(other.cluster.entry.server, 'https://192.0.2.2')
  assert.equal(other.namespace, undefined)
})

test('readKubeconfig() reads JSON as well, and loads no reader of YAML for it', () => {
  const json = write(JSON.stringify(load(whole)))
  assert.equal(readKubeconfig([json]).user.entry.token, 't')
  const script = `
    import { createRequire } from 'node:module'
    const { readKubeconfig } = await import('#operator/kube/kubeconfig.ts')
    const isLoaded = () => Object.keys(createRequire('/x').cache).some((each) => each.includes('js-yaml'))
    const seen = process.argv.slice(1).map((file) => [readKubeconfig([file]).context, isLoaded()])
    console.log(JSON.stringify(seen))`
  const run = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', script, json, write(whole)],
    { encoding: 'utf8', cwd: join(import.meta.dirname, '../../..') },
  )
  assert.deepEqual(JSON.parse(run.stdout), [
    ['x', false],
    ['x', true],
  ])
})

test('readKubeconfig() takes several files for one: the first that names something wins', () => {
  const first = write(
    'users: [{name: u, user: {token: mine}}]\nclusters: [{name: c, cluster: {server: "https://192.0.2.9"}}]',
  )
  const second = write(whole)
  const { context, user, cluster, file } = readKubeconfig([first, second])
  assert.equal(context, 'x')
  assert.equal(user.entry.token, 'mine')
  assert.equal(cluster.entry.server, 'https://192.0.2.9')
  assert.equal(cluster.folder, join(first, '..'), 'its file names count from where it lies')
  assert.ok(file.includes(first) && file.includes(second))
})

test('readKubeconfig() takes what programs write as null for left out', () => {
  const exec = '{apiVersion: client.authentication.k8s.io/v1, command: get, args: null, env: null}'
  const file = write(whole.replace('{token: t}', `{exec: ${exec}, token: null}`))
  assert.deepEqual(readKubeconfig([file]).user.entry, {
    exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'get' },
  })
})

test('readKubeconfig() says which file it cannot use, and why', () => {
  const cases: readonly [text: string, context: string | undefined, says: RegExp][] = [
    ['just: text', undefined, /names no current context/],
    ['[1]', undefined, /it is no kubeconfig: it /],
    ['current-context: 7', undefined, /no kubeconfig: \/current-context /],
    [whole.replace('current-context: x', ''), undefined, /names no current context/],
    [whole, 'z', /no entry named "z"/],
    [whole.replace('name: u, user:', 'name: v, user:'), undefined, /no entry named "u"/],
    [whole.replaceAll('name: c,', 'name: e,'), undefined, /no entry named "c"/],
  ]
  for (const [text, context, says] of cases) {
    const file = write(text)
    assert.throws(() => readKubeconfig([file], context), says)
    assert.throws(() => readKubeconfig([file], context), new RegExp(`Cannot use "${file}"`))
  }
})

test('material() prefers what stands in the file to what lies beside it', () => {
  writeFileSync(join(folder, 'ca.crt'), 'beside')
  const data = Buffer.from('inside').toString('base64')
  assert.equal(material({ data, path: 'ca.crt' }, folder)?.toString(), 'inside')
  assert.equal(material({ data: undefined, path: 'ca.crt' }, folder)?.toString(), 'beside')
  assert.equal(material({ data: undefined, path: undefined }, folder), undefined)
})

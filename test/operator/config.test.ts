import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { readConfig, settings } from '#operator/config.ts'
import { defaultPolicy } from '#operator/policy.ts'

let folder: string
let kubeconfig: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'operator-config-'))
  kubeconfig = join(folder, 'config')
  const entries = `
current-context: x
contexts: [{name: x, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "https://192.0.2.1:6443", certificate-authority-data: Q0E=}}]
users: [{name: u, user: {token: t}}]
`
  writeFileSync(kubeconfig, entries)
})
after(() => rmSync(folder, { recursive: true, force: true }))

const read = (flags: readonly string[] = [], env: Record<string, string> = {}) =>
  readConfig([`--kubeconfig=${kubeconfig}`, '--image=strongroom:1', ...flags], env)

test('readConfig() has a default for everything but the image', () => {
  const { access, identity, ...config } = read()
  assert.equal(access.server.host, '192.0.2.1:6443')
  assert.match(identity, /_\d+$/)
  assert.deepEqual(config, {
    image: 'strongroom:1',
    watchNamespaces: [],
    namespace: 'default',
    instance: 'strongroom-operator',
    leaderElection: true,
    probePort: 8081,
    challengePort: 8089,
    challengeAddress: '',
    secretOptIn: false,
    egress: { allowed: [], denied: [] },
    policy: defaultPolicy,
    logLevel: 'info',
  })
  for (const flags of [[], ['--image=']])
    assert.throws(
      () => readConfig([`--kubeconfig=${kubeconfig}`, ...flags], {}),
      /^Error: Cannot start: --image is not set/,
    )
})

test('readConfig() takes flags before the environment, and the environment before the default', () => {
  const env = { STRONGROOM_OPERATOR_WATCH_NAMESPACES: 'c', STRONGROOM_OPERATOR_LOG_LEVEL: 'debug' }
  assert.deepEqual(read([], env).watchNamespaces, ['c'])
  const config = read(['--watch-namespaces=a, b,,', '--leader-election=false'], env)
  assert.deepEqual(config.watchNamespaces, ['a', 'b'])
  assert.equal(config.leaderElection, false)
  assert.equal(config.logLevel, 'debug')
  assert.equal(read(['--namespace=n']).namespace, 'n')
  assert.equal(read(['--probe-port=0']).probePort, 0)
})

test('readConfig() refuses what it cannot mean, and says what it could be', () => {
  const cases: readonly [flag: string, says: RegExp][] = [
    ['--watch=a', /"--watch=a" is no flag\. Known are --image, /],
    ['--constructor=x', /is no flag/],
    ['image=x', /is no flag/],
    ['--image', /is no flag/],
    ['--probe-port=', /--probe-port is "", a port is a number up to 65535/],
    ['--probe-port=70000', /up to 65535/],
    ['--probe-port=-1', /up to 65535/],
    ['--probe-port=0x10', /up to 65535/],
    ['--leader-election=no', /--leader-election is "no", it is true or false/],
    ['--log-level=loud', /--log-level is "loud", it is one of trace, debug/],
  ]
  for (const [flag, says] of cases) assert.throws(() => read([flag]), says, flag)
})

test('readConfig() says how the API server can be reached where it cannot', () => {
  const message = /^Error: Cannot start: .*give --kubeconfig=FILE$/
  assert.throws(() => readConfig(['--image=x', '--kubeconfig='], {}), message)
  assert.throws(() => readConfig(['--image=x', `--kubeconfig=${folder}/none`], {}), message)
})

test('settings say of each what it is for', () => {
  for (const [name, { description }] of Object.entries(settings))
    assert.ok(description.length > 20, name)
})

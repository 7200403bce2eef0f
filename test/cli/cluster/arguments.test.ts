import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandOf, revocationReasons, type Verb } from '#cli/cluster/arguments.ts'
import { hasCode } from '#shared/errors.ts'

test('commandOf() reads status with and without a name', () => {
  assert.deepEqual(commandOf('status', []), {
    kind: 'status',
    where: {},
    name: undefined,
    everywhere: false,
    json: false,
  })
  const args = ['vault', '-n', 'shop', '--json', '--context=x', '--kubeconfig', 'file']
  assert.deepEqual(commandOf('status', args), {
    kind: 'status',
    where: { namespace: 'shop', context: 'x', kubeconfig: 'file' },
    name: 'vault',
    everywhere: false,
    json: true,
  })
  const everywhere = commandOf('status', ['-A'])
  assert.ok(everywhere.kind === 'status' && everywhere.everywhere)
})

test('commandOf() takes a name as kubectl prints it', () => {
  for (const name of ['vault', 'strongroom/vault', 'strongroom.strongroom.dev/vault', 'sr/vault'])
    assert.deepEqual(commandOf('certificate', ['renew', name]), {
      ...{ kind: 'renew', where: {}, name: 'vault' },
      ...{ json: false, waitMs: undefined },
    })
})

test('commandOf() reads every reason of a revocation, and none as unspecified', () => {
  for (const reason of revocationReasons)
    assert.deepEqual(commandOf('certificate', ['revoke', 'vault', `--reason=${reason}`]), {
      ...{ kind: 'revoke', where: {}, name: 'vault', reason },
      ...{ json: false, waitMs: undefined },
    })
  const command = commandOf('certificate', ['revoke', 'vault'])
  assert.equal(command.kind === 'revoke' && command.reason, 'unspecified')
})

test('commandOf() reads how long to wait, for both acts', () => {
  const waits: readonly [args: readonly string[], waitMs: number][] = [
    [['--wait'], 300_000],
    [['--wait', '--timeout=90'], 90_000],
    [['--timeout', '1h', '--wait'], 3_600_000],
    [['--wait', '--timeout=24h'], 86_400_000],
  ]
  for (const act of ['renew', 'revoke'])
    for (const [args, waitMs] of waits) {
      const command = commandOf('certificate', [act, 'vault', '--json', ...args])
      assert.ok('waitMs' in command && command.json)
      assert.equal(command.waitMs, waitMs)
    }
})

test('commandOf() gives help before it looks at anything else', () => {
  assert.deepEqual(commandOf('status', ['--help', 'a', 'b']), { kind: 'help', verb: 'status' })
  assert.deepEqual(commandOf('certificate', ['-h']), { kind: 'help', verb: 'certificate' })
})

test('commandOf() says what of a command it does not understand', () => {
  const cases: readonly [verb: Verb, args: string, says: RegExp][] = [
    ['status', 'a b', /"b" is one name too many\. See strongroom status --help$/],
    ['status', '--yaml', /command: Unknown option '--yaml'\. See/],
    ['status', '-A -n shop', /--all-namespaces goes with no name/],
    ['status', '-A vault', /--all-namespaces goes with no name/],
    ['status', '--namespace', /command: Option '-n, --namespace <value>' argument missing\. See/],
    ['status', '--namespace=', /--namespace is empty/],
    ['status', 'a/b', /"a\/b" is no name of a Strongroom/],
    ['status', '../x', /"\.\.\/x" is no name/],
    ['certificate', '', /renew or revoke\?\. See strongroom certificate --help$/],
    ['certificate', 'remove vault', /"remove" is neither renew nor revoke/],
    ['certificate', 'renew', /renew what\?/],
    ['certificate', 'renew a b', /"b" is one name too many/],
    ['certificate', 'renew strongroomcertificate/a', /is no name of a Strongroom/],
    ['certificate', 'renew a --reason=superseded', /--reason goes with revoke/],
    ['certificate', 'renew a --timeout=90s', /--timeout goes with --wait/],
    ['certificate', 'renew a --wait --timeout=0s', /"0s" is no time between 1s and 24 h/],
    ['certificate', 'renew a --wait --timeout=25h', /"25h" is no time between 1s and 24 h/],
    ['certificate', 'renew a --wait=5m', /does not take an argument/],
    ['status', '--wait', /Unknown option '--wait'/],
    ['certificate', 'revoke a --reason=boredom', /"boredom" is no reason .*keyCompromise/],
  ]
  for (const [verb, line, says] of cases) {
    const args = line === '' ? [] : line.split(' ')
    assert.throws(
      () => commandOf(verb, args),
      (error) => hasCode(error, 'CommandInvalid') && says.test(error.message),
      `${verb} ${line}`,
    )
  }
})

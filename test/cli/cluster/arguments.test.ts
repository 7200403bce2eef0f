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
      kind: 'renew',
      where: {},
      name: 'vault',
    })
})

test('commandOf() reads every reason of a revocation, and none as unspecified', () => {
  for (const reason of revocationReasons)
    assert.deepEqual(commandOf('certificate', ['revoke', 'vault', `--reason=${reason}`]), {
      kind: 'revoke',
      where: {},
      name: 'vault',
      reason,
    })
  const command = commandOf('certificate', ['revoke', 'vault'])
  assert.equal(command.kind === 'revoke' && command.reason, 'unspecified')
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

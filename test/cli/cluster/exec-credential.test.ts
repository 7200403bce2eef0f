import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { execCredentials } from '#cli/cluster/exec-credential.ts'
import type { ExecEntry, Kubeconfig } from '#operator/kube/kubeconfig.ts'
import { CodedError } from '#shared/errors.ts'

const apiVersion = 'client.authentication.k8s.io/v1'
let folder: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'exec-credential-'))
})
after(() => rmSync(folder, { recursive: true, force: true }))

/** A program in the folder that does what the script says. */
function program(script: string, more: Partial<ExecEntry> = {}): ExecEntry {
  writeFileSync(join(folder, 'get-token'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return { apiVersion, command: './get-token', ...more }
}

function ask(exec: ExecEntry) {
  const config: Kubeconfig = {
    file: join(folder, 'config'),
    context: 'x',
    namespace: undefined,
    cluster: {
      name: 'c',
      entry: { server: 'https://192.0.2.1', 'certificate-authority-data': 'Q0E=' },
      folder,
    },
    user: { name: 'u', entry: { exec }, folder },
  }
  return execCredentials(exec, config, process.env)
}

const answer = (status: object, version = apiVersion): string =>
  `echo '${JSON.stringify({ apiVersion: version, kind: 'ExecCredential', status })}'`

test('execCredentials() takes a token, from a program that lies beside the kubeconfig', async () => {
  const { token } = await ask(program(answer({ token: 'secret-1' })))
  assert.equal(token?.(), 'secret-1')
})

test('execCredentials() takes a certificate with its key before a token', async () => {
  const status = { clientCertificateData: 'CERT', clientKeyData: 'KEY', token: 't' }
  const { certificate, key, token } = await ask(program(answer(status)))
  assert.deepEqual([certificate?.toString(), key?.toString(), token], ['CERT', 'KEY', undefined])
})

test('execCredentials() gives the program its arguments, its environment and the cluster where it wants that', async () => {
  const echo = `printf '{"apiVersion":"${apiVersion}","kind":"ExecCredential","status":{"token":"%s"}}' "$1-$REGION-$(printf %s "$KUBERNETES_EXEC_INFO" | base64 -w0)"`
  const given = { args: ['a b'], env: [{ name: 'REGION', value: 'north' }] }
  const infoOf = async (more: Partial<ExecEntry>) => {
    const { token } = await ask(program(echo, { ...given, ...more }))
    const [first, second, info = ''] = token?.().split('-') ?? []
    assert.deepEqual([first, second], ['a b', 'north'])
    return JSON.parse(Buffer.from(info, 'base64').toString())
  }
  assert.deepEqual(await infoOf({}), {
    apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: false },
  })
  assert.deepEqual((await infoOf({ provideClusterInfo: true })).spec.cluster, {
    server: 'https://192.0.2.1',
    'certificate-authority-data': 'Q0E=',
  })
})

test('execCredentials() says which program gave nothing, and repeats no answer of it', async () => {
  const secret = 'never-to-be-seen'
  const cases: readonly [exec: () => ExecEntry, says: RegExp][] = [
    [
      () => program('echo no-network >&2; exit 3'),
      /"\.\/get-token" .* code 3 and wrote "no-network"/,
    ],
    [() => ({ apiVersion, command: 'no-such-program-here' }), /could not be started/],
    [() => program(`echo ${secret}`), /wrote no ExecCredential of client/],
    [
      () => program(answer({ token: secret }, 'client.authentication.k8s.io/v1beta1')),
      /wrote no Exec/,
    ],
    [() => program(answer({ clientKeyData: secret })), /neither a token nor a certificate/],
  ]
  for (const [exec, says] of cases) {
    await assert.rejects(ask(exec()), (error) => {
      assert.ok(error instanceof CodedError)
      assert.equal(error.code, 'CredentialsMissing')
      assert.ok(!error.message.includes(secret))
      return says.test(error.message) || assert.fail(error.message)
    })
  }
})

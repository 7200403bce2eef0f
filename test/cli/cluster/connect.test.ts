import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { connect } from '#cli/cluster/connect.ts'
import { hasCode } from '#shared/errors.ts'

let folder: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'connect-'))
})
after(() => rmSync(folder, { recursive: true, force: true }))

const ca = 'certificate-authority-data: Q0E='

function file(cluster: string, user: string, context = ''): string {
  const path = join(folder, 'config')
  writeFileSync(
    path,
    `
current-context: x
contexts: [{name: x, context: {cluster: c, user: u${context}}}]
clusters: [{name: c, cluster: {server: "https://192.0.2.1:6443/clusters/a", ${cluster}}}]
users: [{name: u, user: {${user}}}]
`,
  )
  return path
}

test('connect() takes the namespace of the flag, of the context, or default', async () => {
  const inContext = file(ca, 'token: t', ', namespace: shop')
  using flag = await connect({ kubeconfig: inContext, namespace: 'bank' }, {})
  using context = await connect({ kubeconfig: inContext }, {})
  assert.deepEqual([flag.namespace, context.namespace], ['bank', 'shop'])
  using neither = await connect({}, { KUBECONFIG: file(ca, 'token: t') })
  assert.equal(neither.namespace, 'default')
  assert.equal(neither.server, 'https://192.0.2.1:6443')
})

test('connect() trusts what Node trusts where the kubeconfig names no authority', async () => {
  using connection = await connect({ kubeconfig: file('', 'token: t') }, {})
  assert.equal(connection.namespace, 'default')
})

test('connect() runs the program that fetches credentials only where the file holds none', async () => {
  const exec = 'exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-program-here}'
  using stored = await connect({ kubeconfig: file(ca, `token: t, ${exec}`) }, {})
  assert.equal(stored.namespace, 'default')
  await assert.rejects(connect({ kubeconfig: file(ca, exec) }, {}), (error) =>
    hasCode(error, 'CredentialsMissing'),
  )
})

test('connect() says of everything that it does not do that it does not', async () => {
  const exec = (more: string): string =>
    `exec: {apiVersion: client.authentication.k8s.io/v1, command: get, ${more}}`
  const cases: readonly [cluster: string, user: string, says: RegExp][] = [
    ['insecure-skip-tls-verify: true', 'token: t', /a connection that is not verified/],
    [`${ca}, proxy-url: "http://192.0.2.3"`, 'token: t', /a proxy \(proxy-url\)/],
    [`${ca}, tls-server-name: other`, 'token: t', /another name \(tls-server-name\)/],
    [ca, 'auth-provider: {name: gcp}', /an auth-provider; use an exec plugin/],
    [ca, 'username: a, password: b', /a password/],
    [ca, 'token: t, as: admin', /impersonation \(as\)/],
    [ca, exec('interactiveMode: Always'), /"get" has to ask a person something/],
    [ca, '', /user "u" of ".*config" has no certificate with its key, no token, and no program/],
    [ca, 'client-certificate-data: Q0E=', /has no certificate with its key/],
    ['certificate-authority: missing.crt', 'token: t', /ENOENT/],
  ]
  for (const [cluster, user, says] of cases)
    await assert.rejects(
      connect({ kubeconfig: file(cluster, user) }, {}),
      (error) => hasCode(error, 'KubeconfigUnusable') && says.test(error.message),
      `${cluster} ${user}`,
    )
})

test('connect() names a kubeconfig that is not there, and how to give another', async () => {
  await assert.rejects(
    connect({ kubeconfig: join(folder, 'none') }, {}),
    (error) =>
      hasCode(error, 'KubeconfigUnusable') &&
      /ENOENT.*none.* Name another file with --kubeconfig/.test(error.message),
  )
  const path = file(ca, 'token: t')
  await assert.rejects(
    connect({ kubeconfig: path, context: 'y' }, {}),
    (error) => hasCode(error, 'KubeconfigUnusable') && /no entry named "y"/.test(error.message),
  )
})

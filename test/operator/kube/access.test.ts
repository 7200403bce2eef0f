import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { kubeconfigAccess } from '#operator/kube/access.ts'

function withConfig(text: string, work: (file: string, folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'))
  try {
    const file = join(folder, 'config')
    writeFileSync(file, text)
    work(file, folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const config = (cluster: string, user: string): string => `
current-context: x
contexts: [{name: other, context: {cluster: none, user: none}}, {name: x, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "https://192.0.2.1:6443", ${cluster}}}]
users: [{name: u, user: {${user}}}]
`
const base64 = (text: string): string => Buffer.from(text).toString('base64')

test('kubeconfigAccess() takes certificates that lie in the file', () => {
  const text = config(
    `certificate-authority-data: ${base64('CA')}`,
    `client-certificate-data: ${base64('CERT')}, client-key-data: ${base64('KEY')}`,
  )
  withConfig(text, (file) => {
    const access = kubeconfigAccess(file)
    assert.equal(access.server.href, 'https://192.0.2.1:6443/')
    assert.equal(access.ca.toString(), 'CA')
    assert.equal(access.certificate?.toString(), 'CERT')
    assert.equal(access.key?.toString(), 'KEY')
    assert.equal(access.token, undefined)
  })
})

test('kubeconfigAccess() follows file names from where the file lies, and reads a token file anew each time', () => {
  withConfig(config('certificate-authority: ca.crt', 'tokenFile: token'), (file, folder) => {
    writeFileSync(join(folder, 'ca.crt'), 'CA')
    const tokenFile = join(folder, 'token')
    writeFileSync(tokenFile, 'first\n')
    writeFileSync(file, config('certificate-authority: ca.crt', `tokenFile: ${tokenFile}`))
    const access = kubeconfigAccess(file)
    assert.equal(access.token?.(), 'first')
    writeFileSync(tokenFile, 'second\n')
    assert.equal(access.token?.(), 'second')
  })
})

test('kubeconfigAccess() refuses a cluster without an authority and a context that is not there', () => {
  withConfig(config('insecure-skip-tls-verify: true', 'token: t'), (file) => {
    assert.throws(() => kubeconfigAccess(file), /names no certificate authority/)
  })
  withConfig(
    config(`certificate-authority-data: ${base64('CA')}`, 'token: t').replace(
      'current-context: x',
      'current-context: y',
    ),
    (file) => {
      assert.throws(() => kubeconfigAccess(file), /no entry named "y"/)
    },
  )
})

test('kubeconfigAccess() refuses what is no kubeconfig', () => {
  withConfig('just: text', (file) => assert.throws(() => kubeconfigAccess(file)))
})

import assert from 'node:assert/strict'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { test } from 'node:test'
import { kubeconfigFiles } from '#cli/environment.ts'

const here = import.meta.filename

test('kubeconfigFiles() takes those of KUBECONFIG that are there', () => {
  assert.deepEqual(kubeconfigFiles({ KUBECONFIG: ['', '/nowhere', here].join(delimiter) }), [here])
})

test('kubeconfigFiles() keeps a single missing file, so that its name is in the message', () => {
  assert.deepEqual(kubeconfigFiles({ KUBECONFIG: '/nowhere' }), ['/nowhere'])
})

test('kubeconfigFiles() falls back to the file at home', () => {
  assert.deepEqual(kubeconfigFiles({}), [join(homedir(), '.kube', 'config')])
  assert.deepEqual(kubeconfigFiles({ KUBECONFIG: '' }), [join(homedir(), '.kube', 'config')])
})

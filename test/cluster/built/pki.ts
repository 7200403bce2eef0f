/** One authority, every certificate and every kubeconfig of a cluster. */

import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { apiAddress, firstServiceAddress, type Layout, nodeAddress, nodeNumbers } from './layout.ts'

/** Users of the API server by file name: common name and organization. */
const users = {
  admin: '/O=system:masters/CN=admin',
  'controller-manager': '/CN=system:kube-controller-manager',
  scheduler: '/CN=system:kube-scheduler',
  proxy: '/CN=system:kube-proxy',
  coredns: '/CN=system:coredns',
} as const

export function makePki(layout: Layout): void {
  const { pki } = layout
  mkdirSync(pki, { recursive: true })
  makeAuthority(pki)
  makeServiceAccountKey(pki)
  const api = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
    'localhost',
  ]
  const addresses = ['127.0.0.1', apiAddress(layout), firstServiceAddress(layout)]
  makeCertificate(pki, {
    file: 'apiserver',
    subject: '/CN=kube-apiserver',
    names: [...api.map((name) => `DNS:${name}`), ...addresses.map((address) => `IP:${address}`)],
  })
  makeCertificate(pki, {
    file: 'kubelet-client',
    subject: '/O=system:masters/CN=kube-apiserver-kubelet-client',
  })
  makeCertificate(pki, { file: 'front-proxy', subject: '/CN=front-proxy-client' })
  for (const [file, subject] of Object.entries(users)) makeCertificate(pki, { file, subject })
  for (const node of nodeNumbers(layout)) {
    makeCertificate(pki, {
      file: `n${node}`,
      subject: `/O=system:nodes/CN=system:node:n${node}`,
      names: [`DNS:n${node}`, `IP:${nodeAddress(layout, node)}`],
    })
  }
  for (const file of [...Object.keys(users), ...nodeNumbers(layout).map((node) => `n${node}`)])
    writeKubeconfig(layout, file)
}

const openssl = (...args: readonly string[]): Buffer =>
  execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] })

function makeAuthority(pki: string): void {
  const usage = [
    '-addext',
    'basicConstraints=critical,CA:TRUE',
    '-addext',
    'keyUsage=critical,keyCertSign,cRLSign,digitalSignature',
  ]
  openssl(
    'req',
    '-x509',
    ...newKey(join(pki, 'ca.key')),
    '-days',
    '30',
    '-subj',
    '/CN=test-cluster-ca',
    '-out',
    join(pki, 'ca.crt'),
    ...usage,
  )
}

function makeServiceAccountKey(pki: string): void {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  writeFileSync(join(pki, 'sa.key'), privateKey.export({ type: 'sec1', format: 'pem' }), {
    mode: 0o600,
  })
  writeFileSync(join(pki, 'sa.pub'), publicKey.export({ type: 'spki', format: 'pem' }))
}

interface Wanted {
  readonly file: string
  readonly subject: string
  readonly names?: readonly string[]
}

function makeCertificate(pki: string, { file, subject, names = [] }: Wanted): void {
  const path = (ending: string): string => join(pki, `${file}.${ending}`)
  const extensions = [
    '-addext',
    'keyUsage=critical,digitalSignature',
    '-addext',
    'extendedKeyUsage=clientAuth,serverAuth',
  ]
  const alternative = names.length === 0 ? [] : ['-addext', `subjectAltName=${names.join(',')}`]
  const signer = ['-CA', join(pki, 'ca.crt'), '-CAkey', join(pki, 'ca.key')]
  openssl(
    'req',
    '-x509',
    ...signer,
    ...newKey(path('key')),
    '-days',
    '30',
    '-subj',
    subject,
    '-out',
    path('crt'),
    '-addext',
    'basicConstraints=CA:FALSE',
    ...extensions,
    ...alternative,
  )
}

function newKey(file: string): readonly string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', file]
}

function writeKubeconfig(layout: Layout, file: string): void {
  const { pki } = layout
  const text = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'c',
        cluster: {
          server: `https://${apiAddress(layout)}:6443`,
          'certificate-authority': join(pki, 'ca.crt'),
        },
      },
    ],
    users: [
      {
        name: 'u',
        user: {
          'client-certificate': join(pki, `${file}.crt`),
          'client-key': join(pki, `${file}.key`),
        },
      },
    ],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  })
  writeFileSync(join(pki, `${file}.conf`), text, { mode: 0o600 })
}

/** The ACME lab beside a cluster: pods reach its directory, and it reaches pods under the names that its own DNS server has. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { type AcmeLab, acmeLab } from '#test/support/acme-lab/acme-lab.ts'
import { acmeApi, issueByHttp01 } from '#test/support/acme-lab/plain-order.ts'
import type { Place } from '../suite.ts'

const port = 8080

export function acmeLabSuite(place: () => Place): void {
  test('acmeLab() beside a cluster is reached from pods, and issues for what pods answer', async () => {
    const { cluster } = place()
    await using lab = await acmeLab({ place: cluster, httpPort: port })
    const api = await acmeApi(lab)
    await api.newAccount({})
    const namespace = `lab-${randomUUID().slice(0, 8)}`
    await cluster.kubectl('create', 'namespace', namespace)
    const kubectl = (...args: string[]) => cluster.kubectl('-n', namespace, ...args)
    await cluster.apply(pod(place(), { lab, thumbprint: api.thumbprint }), '-n', namespace)
    await kubectl('wait', '--for=condition=Ready', '--timeout=60s', 'pod/web')
    const address = await kubectl('get', 'pod', 'web', '-o', 'jsonpath={.status.podIP}')
    const seen = await fetch(`http://${address}:${port}/directory`)
    assert.equal(await seen.text(), '200')
    await lab.dns.setAddress('web.lab.test', address)
    const chain = await issueByHttp01(api, 'web.lab.test', () => undefined)
    assert.match(chain, /BEGIN CERTIFICATE/)
    api.close()
    await cluster.kubectl('delete', 'namespace', namespace, '--wait=false')
  })
}

/** Answers every challenge of one account, and under `/directory` with what it gets there itself. */
const script = `
const { createServer } = require('node:http')
const { get } = require('node:https')
const { DIRECTORY, TRUST, THUMBPRINT, PORT } = process.env
createServer(({ url }, response) => {
  if (url !== '/directory') return response.end(url.split('/').at(-1) + '.' + THUMBPRINT)
  const headers = { 'user-agent': 'pod' }
  get(DIRECTORY, { ca: TRUST, headers }, (answer) => response.end(String(answer.statusCode)))
    .on('error', (error) => response.end(error.message))
}).listen(Number(PORT))
`

function pod(
  { image }: Place,
  { lab, thumbprint }: { readonly lab: AcmeLab; readonly thumbprint: string },
): string {
  const env = {
    DIRECTORY: lab.directoryUrl,
    TRUST: lab.trust,
    THUMBPRINT: thumbprint,
    PORT: String(port),
  }
  const container = {
    name: 'web',
    image: image.reference,
    imagePullPolicy: 'Never',
    command: ['node', '-e', script],
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
    readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
  }
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web' },
    spec: { containers: [container], terminationGracePeriodSeconds: 0 },
  })
}

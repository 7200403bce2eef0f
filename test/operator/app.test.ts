/** The composed operator against an HTTPS server that has the lists and the lease of an empty cluster. */
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import { createOperator } from '#operator/app.ts'
import { defaultPolicy } from '#operator/policy.ts'
import { systemClock } from '#shared/clock.ts'
import { systemTimers } from '#shared/timers.ts'
import { type Asked, json, testAuthority, tlsServer } from '#test/support/https-server.ts'

/** Lists are empty, watches stay open, the lease is whatever was written last. */
function emptyCluster() {
  let lease: object | undefined
  return ({ method, url, body }: Asked, answer: ServerResponse): void => {
    if (url.includes('watch=true')) answer.writeHead(200).flushHeaders()
    else if (!url.includes('/leases'))
      json(answer, 200, { metadata: { resourceVersion: '1' }, items: [] })
    else if (method === 'GET' && lease === undefined) json(answer, 404, { reason: 'NotFound' })
    else {
      if (method !== 'GET')
        lease = { ...lease, ...JSON.parse(body), metadata: { resourceVersion: '1' } }
      json(answer, 200, lease)
    }
  }
}

test('createOperator() lists what it watches, takes the lease, is ready, and gives the lease up when stopped', async () => {
  const ca = await testAuthority()
  await using server = await tlsServer(await ca.server(), emptyCluster())
  const said = new Map<string, Record<string, unknown>>()
  const leads = Promise.withResolvers<void>()
  const logger = {
    info: (fields: object, message: string) => {
      said.set(message, fields as Record<string, unknown>)
      if (message === 'This process leads') leads.resolve()
    },
    warn: (fields: object, message: string) => assert.fail(`${message} ${JSON.stringify(fields)}`),
  }
  const config = {
    access: {
      server: new URL(`https://localhost:${server.port}`),
      ca: Buffer.from(ca.pem),
      token: () => 't',
    },
    image: 'strongroom:1',
    watchNamespaces: ['shop'],
    namespace: 'system',
    instance: 'strongroom',
    leaderElection: true,
    identity: 'pod_1',
    probePort: 0,
    challengePort: 0,
    challengeAddress: '',
    secretOptIn: false,
    egress: { allowed: [], denied: [] },
    policy: defaultPolicy,
    logLevel: 'info',
  }
  const means = { clock: systemClock, timers: systemTimers, random: () => 0.5, logger }
  const stop = new AbortController()
  const ended = createOperator(config, means).run(stop.signal)
  await leads.promise
  const { port } = said.get('Probes and metrics are served') ?? {}
  assert.equal((await fetch(`http://127.0.0.1:${port}/readyz`)).status, 204)
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  assert.match(metrics, /strongroom_operator_api_calls_total\{method="GET",status="200"\} \d/)
  assert.match(metrics, /strongroom_operator_leader 1\n/)
  assert.match(metrics, /strongroom_operator_watch_last_event_age_seconds\{kind="Secret"\} \d/)
  assert.match(metrics, /strongroom_operator_queue_depth\{controller="permissions"\} 0/)
  stop.abort()
  assert.equal(await ended, 'stopped')
  const lists = server.asked.filter(({ url }) => url.includes('limit=50')).map(({ url }) => url)
  const plurals = lists.map((url) => /\/([a-z]+)\?/.exec(url)?.[1] ?? '').toSorted()
  assert.deepEqual(plurals, [
    ...['certificaterequests', 'certificates'],
    ...[
      'configmaps',
      'persistentvolumeclaims',
      'pods',
      'secrets',
      'serviceaccounts',
      'services',
      'statefulsets',
    ],
    ...['strongroomcertificates', 'strongroomdatabases', 'strongroomissuers'],
    ...['strongroompermissions', 'strongrooms'],
  ])
  for (const url of lists) {
    assert.ok(url.includes('/namespaces/shop/'), 'it looks only where it should')
    const isLabelled = url.includes(
      'labelSelector=app.kubernetes.io%2Fmanaged-by%3Dstrongroom-operator',
    )
    assert.equal(isLabelled, !url.includes('strongroom.dev/v1alpha1'), url)
  }
  const writes = server.asked
    .filter(({ method }) => method !== 'GET')
    .map(({ method, url }) => `${method} ${url}`)
  assert.deepEqual(writes, [
    'POST /apis/coordination.k8s.io/v1/namespaces/system/leases',
    'PATCH /apis/coordination.k8s.io/v1/namespaces/system/leases/strongroom',
  ])
  const { holderIdentity } = JSON.parse(server.asked.at(-1)?.body ?? '').spec
  assert.equal(holderIdentity, '', 'the next one need not wait')
})

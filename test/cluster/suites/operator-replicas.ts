/** Two replicas of the operator: either answers a CA, one leads, and when that one is gone another ends the order that was begun. */
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import type { StrongroomIssuer } from '#operator/api/issuer.ts'
import { acmeLab } from '#test/support/acme-lab/acme-lab.ts'
import { freePort } from '#test/support/acme-lab/free-port.ts'
import { ingressClass, ingressProxy } from '../ingress-proxy.ts'
import { leaderOf, loseOperator, type OperatorPod, operatorPods } from '../operator-pods.ts'
import { ofChallenge } from '../order-writes.ts'
import { issuerManifest, servedFrom, statusOf, strongroomManifest } from '../ordering.ts'
import { until } from '../run.ts'
import { newTenant, type Place, type Tenant } from '../suite.ts'
import { writeGate } from '../write-gate.ts'

const name = 'vault'
const host = 'replicas.lab.test'
/** Where the chart's containers answer. */
const port = 8089

export function operatorReplicasSuite(place: () => Place): void {
  test('two replicas of the operator: either answers the CA, and when the leader dies within an order another ends it', async (t) => {
    const { cluster } = place()
    const address = cluster.hostAddress ?? ''
    const httpPort = await freePort(address)
    await using tenant = await newTenant(place(), { replicas: '2' })
    await using lab = await acmeLab({ place: cluster, httpPort })
    await using _proxy = await ingressProxy(tenant, { address, port: httpPort })
    await using gate = await writeGate(tenant)
    await lab.dns.setAddress(host, address)
    const seen = gate.hold(ofChallenge(({ visible }) => visible))
    const answered = gate.hold(ofChallenge((challenge) => challenge.answered))
    const http01 = { ingress: { className: ingressClass }, check: 'None' }
    await tenant.apply(
      [issuerManifest(lab, { name, solver: { http01 } }), strongroomManifest(name, { host })].join(
        '\n---\n',
      ),
    )
    await seen.waiting()
    const order = (await statusOf(tenant, name))?.order
    const both = await operatorPods(tenant)
    const leader = await leaderOf(tenant)
    assert.equal(both.length, 2)
    await answerFrom(both, await presented(tenant))

    await loseOperator(tenant, leader)
    await seen.givenUp()
    const begin = performance.now()
    await answered.waiting()
    t.diagnostic(`another goes on after ${Math.round(performance.now() - begin)} ms`)
    // The one that was there, or the one that is made in place of the lost.
    const next = await leaderOf(tenant)
    assert.notEqual(next, leader)
    const other = (await operatorPods(tenant)).find((pod) => pod.name === next)
    assert.equal((await statusOf(tenant, name))?.order?.orderUrl, order?.orderUrl)
    const gone = both.find((pod) => pod.name === leader)
    const ways = await challengeAddresses(tenant)
    assert.ok(ways.includes(other?.address) && !ways.includes(gone?.address), `${ways}`)
    answered.letPass()
    await servedFrom(tenant, { name, revision: 1, withinMs: 60_000 })
    assert.equal(lab.counts().newOrder, 1)
  })
}

/** What is asked of whoever answers for the name now, and what the answer is. */
async function presented(tenant: Tenant): Promise<Presented> {
  const token = (await statusOf(tenant, name))?.order?.authorizations[0]?.challenge?.token
  const issuer = await tenant.get<StrongroomIssuer>('strongroomissuer', name)
  const thumbprint = issuer?.status?.account?.keyThumbprint
  if (token === undefined || thumbprint === undefined) throw new Error('Nothing is presented')
  return { token, answer: `${token}.${thumbprint}` }
}

interface Presented {
  readonly token: string
  readonly answer: string
}

/** Each of the pods answers for the name, and for nothing else. */
async function answerFrom(pods: readonly OperatorPod[], it: Presented): Promise<void> {
  for (const { address } of pods) {
    const isThere = async () => (await asked(address, host, it.token)) === it.answer || undefined
    await until(`${address} to answer`, isThere, { withinMs: 10_000 })
    assert.equal(await asked(address, 'other.lab.test', it.token), '404')
    assert.equal(await asked(address, host, 'another'), '404')
  }
}

/** The body, or the status where it is not 200. */
function asked(address: string, name: string, token: string): Promise<string> {
  const path = `/.well-known/acme-challenge/${token}`
  return new Promise((resolve, reject) => {
    const options = { host: address, port, path, headers: { host: name }, agent: false }
    request({ ...options, timeout: 5_000 }, (answer) => {
      const { statusCode } = answer
      text(answer).then((body) => resolve(statusCode === 200 ? body : `${statusCode}`), reject)
    })
      .once('error', reject)
      .end()
  })
}

/** Where a CA's question is led to. */
async function challengeAddresses(tenant: Tenant): Promise<readonly (string | undefined)[]> {
  const label = 'app.kubernetes.io/component=acme-challenge'
  const path = 'jsonpath={.items[*].endpoints[*].addresses[*]}'
  return (await tenant.kubectl('get', 'endpointslices', '-l', label, '-o', path)).split(' ')
}

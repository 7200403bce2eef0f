/** The CA is gone when a certificate is to be renewed, and stays away until it has ended: who is told what, when, and how it goes on. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { acmeLab } from '#test/support/acme-lab/acme-lab.ts'
import { type Asked, dialed, startLoad } from '../load.ts'
import { scrape } from '../operator-metrics.ts'
import {
  askedOf,
  issuerManifest,
  servedFrom,
  statusIsServed,
  statusOf,
  strongroomManifest,
} from '../ordering.ts'
import { until } from '../run.ts'
import { serverUid } from '../served-certificate.ts'
import { newTenant, type Place, type Tenant } from '../suite.ts'

const host = 'vault.lab.test'
const resource = 'strongroom/vault'
const condition = 'PublicCertificateReady'

/** Milliseconds since 1970. */
interface Times {
  readonly renewMs: number
  readonly endMs: number
}

export async function caAway(t: TestContext, place: Place): Promise<void> {
  await using tenant = await newTenant(place)
  const life = { shortLifeSeconds: 60, hidesRenewalInfo: true }
  await using lab = await acmeLab({ ...life, place: place.cluster, alwaysValid: true })
  const issuer = issuerManifest(lab, { name: 'vault', solver: { tlsAlpn01: {} } })
  await tenant.apply([issuer, strongroomManifest('vault', { host })].join('\n---\n'))
  const first = await servedFrom(tenant, { name: 'vault', revision: 1, withinMs: 120_000 })
  const uid = await serverUid(tenant)
  const asked = await askedOf(tenant, { name: 'vault', host, ca: (await lab.roots()).join('') })
  const times = await timesOf(tenant)
  await lab.stop()
  await servedUntilItsEnd(tenant, asked, times)
  await saysThatItHasEnded(tenant, asked, first)
  const began = performance.now()
  await lab.start()
  // It knows neither the account nor the order any more.
  const second = await servedFrom(tenant, { name: 'vault', revision: 2, withinMs: 120_000 })
  const took = Math.round(performance.now() - began)
  const { newOrder, finalize } = lab.counts()
  t.diagnostic(`served ${took} ms after the CA was back; asked for ${newOrder} orders in all`)
  assert.notEqual(second, first)
  // What is asked before the account is known again is refused, and no order.
  assert.ok(finalize === 2 && newOrder <= 6, `${newOrder} orders asked for, ${finalize} finalized`)
  await statusIsServed(tenant, 'vault', { ...asked, ca: (await lab.roots()).join('') })
  assert.equal(await serverUid(tenant), uid)
}

async function timesOf(tenant: Tenant): Promise<Times> {
  const { notAfter = '', renewAt = '' } = (await statusOf(tenant, 'vault'))?.publicCertificate ?? {}
  return { renewMs: Date.parse(renewAt), endMs: Date.parse(notAfter) }
}

/** Callers who verify it are answered to the end, and people are told long before. */
async function servedUntilItsEnd(tenant: Tenant, asked: Asked, times: Times): Promise<void> {
  const load = startLoad(asked, 5)
  try {
    await isWarned(tenant, times)
    await untilTime(times.endMs - 2_000)
  } finally {
    await load.stop()
  }
  assert.deepEqual(load.failures(), [])
  assert.ok(load.answered() > 0)
}

/** By the condition, an event, and metrics from which docs/reference/metrics.md makes `RenewalOverdue`. */
async function isWarned(tenant: Tenant, { renewMs, endMs }: Times): Promise<void> {
  const message = await tenant.reason(resource, condition, 'RenewalFailing')
  assert.match(message, /does not answer/)
  await until('an event to say so', async () => {
    const events = await tenant.kubectl('get', 'events', '-o', 'json')
    return (events.includes('OrderFailing') && events.includes('does not answer')) || undefined
  })
  const labels = { kind: 'Strongroom', name: 'vault' }
  await until('the metrics to be worth an alert', async () => {
    const { of } = await scrape(tenant)
    const [after = 0] = of('certificate_not_after_seconds', labels)
    const [renewal = 0] = of('certificate_renewal_seconds', labels)
    assert.deepEqual([after, renewal], [endMs / 1000, renewMs / 1000])
    const unanswered = of('acme_requests_total', { status: '0' })
    assert.ok(Math.max(...unanswered) > 0)
    return Date.now() / 1000 - renewal > (after - renewal) / 4 || undefined
  })
  assert.ok(Date.now() < endMs, `warned ${Date.now() - endMs} ms after the end`)
  assert.match(await tenant.reason(resource, 'Ready', 'Ready'), /Every member serves/)
}

/** It is shown on, since there is nothing better, and whoever verifies it refuses it: that is an outage, and said to be one. */
async function saysThatItHasEnded(tenant: Tenant, asked: Asked, first: string): Promise<void> {
  const message = await tenant.reason(resource, condition, 'NoAnswer')
  assert.match(message, /^The certificate has ended/)
  await tenant.reason(resource, 'Ready', 'CertificateExpired')
  assert.equal(await dialed(asked, { evenUnverified: true }), first)
  await assert.rejects(dialed(asked), /expired/)
}

async function untilTime(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, ms - Date.now())))
}

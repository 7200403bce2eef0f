import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metricPrefix, metricTable } from '#operator/metric-table.ts'
import { type CertificateReading, metricsOf } from '#operator/metrics.ts'
import { again, done, retry, stalled } from '#operator/runtime/outcome.ts'

const startMs = Date.UTC(2026, 5, 1)

/** Metrics on a clock that is set by hand, and the lines of ours without what is zero from the start. */
function scene() {
  const clock = { ms: startMs, now: () => clock.ms }
  const metrics = metricsOf(clock)
  const lines = async (name: string): Promise<string[]> =>
    (await metrics.text())
      .split('\n')
      .filter((line) => line.startsWith(`${metricPrefix}${name}`))
      .map((line) => line.slice(metricPrefix.length))
  return { clock, metrics, lines }
}

test('metricsOf() counts calls and reconciles, and asks each queue for its depth when it is read', async () => {
  const { metrics, lines } = scene()
  metrics.apiCall('GET', 200)
  metrics.apiCall('GET', 200)
  metrics.apiCall('PATCH', 409)
  metrics.reconciled('databases', done, 1)
  metrics.reconciled('databases', again(5), 1)
  let depth = 1
  metrics.watchQueue('databases', () => depth)
  depth = 7
  assert.deepEqual(await lines('api_calls'), [
    'api_calls_total{method="GET",status="200"} 2',
    'api_calls_total{method="PATCH",status="409"} 1',
  ])
  assert.deepEqual(await lines('reconciles'), [
    'reconciles_total{controller="databases",outcome="done"} 1',
    'reconciles_total{controller="databases",outcome="again"} 1',
  ])
  assert.deepEqual(await lines('queue_depth'), ['queue_depth{controller="databases"} 7'])
  assert.deepEqual(await lines('reconcile_errors'), [])
})

test('metricsOf() measures how long reconciles take, in seconds', async () => {
  const { metrics, lines } = scene()
  metrics.reconciled('strongrooms', done, 20)
  metrics.reconciled('strongrooms', done, 700)
  const found = await lines('reconcile_duration_seconds')
  for (const line of [
    'reconcile_duration_seconds_bucket{le="0.01",controller="strongrooms"} 0',
    'reconcile_duration_seconds_bucket{le="0.05",controller="strongrooms"} 1',
    'reconcile_duration_seconds_bucket{le="1",controller="strongrooms"} 2',
    'reconcile_duration_seconds_sum{controller="strongrooms"} 0.72',
  ])
    assert.ok(found.includes(line), `${line} is not in\n${found.join('\n')}`)
})

test('metricsOf() names failures by one word, never by their text', async () => {
  const { metrics, lines } = scene()
  const refused = Object.assign(new Error('Secret "x" is forbidden'), { reason: 'Forbidden' })
  const cut = Object.assign(new Error('connect to 192.0.2.1'), { code: 'ECONNREFUSED' })
  const wordy = Object.assign(new TypeError('it'), { code: 'many words, of a user' })
  for (const error of [refused, cut, wordy, 'no error at all'])
    metrics.reconciled('strongrooms', retry(error), 1)
  metrics.reconciled('strongrooms', stalled('KeyMissing'), 1)
  assert.deepEqual(
    await lines('reconcile_errors'),
    ['Forbidden', 'ECONNREFUSED', 'TypeError', 'Unknown', 'KeyMissing'].map(
      (reason) => `reconcile_errors_total{kind="strongrooms",reason="${reason}"} 1`,
    ),
  )
})

test('metricsOf() says since when the API server is silent, of the most silent namespace', async () => {
  const { clock, metrics, lines } = scene()
  metrics.heard('Secret', 'a')
  metrics.heard('Secret', 'b')
  metrics.heard('Pod', '')
  clock.ms += 60_000
  metrics.heard('Secret', 'b')
  clock.ms += 30_000
  assert.deepEqual(await lines('watch_last_event_age_seconds'), [
    'watch_last_event_age_seconds{kind="Secret"} 90',
    'watch_last_event_age_seconds{kind="Pod"} 90',
  ])
  metrics.heard('Secret', 'a')
  assert.deepEqual((await lines('watch_last_event_age_seconds'))[0]?.split(' ')[1], '30')
})

test('metricsOf() tells the process that leads from those that wait', async () => {
  const { metrics, lines } = scene()
  assert.deepEqual(await lines('leader'), ['leader 0'])
  metrics.leads()
  assert.deepEqual(await lines('leader'), ['leader 1'])
})

test('metricsOf() counts requests to a CA and how attempts end', async () => {
  const { metrics, lines } = scene()
  metrics.acmeRequest({ action: 'new-order', status: 201 })
  metrics.acmeRequest({ action: 'new-order', status: 429 })
  metrics.acmeRequest({ action: 'new-order', status: 0 })
  metrics.issuance('issued')
  metrics.issuance('rate-limited')
  assert.deepEqual(await lines('acme_requests'), [
    'acme_requests_total{action="new-order",status="201"} 1',
    'acme_requests_total{action="new-order",status="429"} 1',
    'acme_requests_total{action="new-order",status="0"} 1',
  ])
  assert.deepEqual(await lines('issuance'), [
    'issuance_attempts_total{result="issued"} 1',
    'issuance_attempts_total{result="rate-limited"} 1',
  ])
})

test('metricsOf() reads certificates when it is asked, and forgets those that are gone', async () => {
  const { metrics, lines } = scene()
  const vault = { kind: 'Strongroom', namespace: 'shop', name: 'vault' }
  let certificates: readonly CertificateReading[] = [
    { ...vault, notAfterMs: 10_000, renewAtMs: 5_000, isMismatched: true },
    { kind: 'StrongroomCertificate', namespace: 'shop', name: 'app', notAfterMs: 20_000 },
  ]
  let rateLimits = [{ namespace: 'shop', issuer: 'letsencrypt', untilMs: 30_000 }]
  metrics.watchCertificates(() => ({ certificates, rateLimits }))
  assert.deepEqual(await lines('certificate_'), [
    'certificate_not_after_seconds{kind="Strongroom",namespace="shop",name="vault"} 10',
    'certificate_not_after_seconds{kind="StrongroomCertificate",namespace="shop",name="app"} 20',
    'certificate_renewal_seconds{kind="Strongroom",namespace="shop",name="vault"} 5',
    'certificate_served_mismatch{namespace="shop",name="vault"} 1',
  ])
  assert.deepEqual(await lines('acme_rate'), [
    'acme_rate_limited_until_seconds{namespace="shop",issuer="letsencrypt"} 30',
  ])
  certificates = [{ ...vault, notAfterMs: 11_000, isMismatched: false }]
  rateLimits = []
  assert.deepEqual(await lines('certificate_'), [
    'certificate_not_after_seconds{kind="Strongroom",namespace="shop",name="vault"} 11',
    'certificate_served_mismatch{namespace="shop",name="vault"} 0',
  ])
  assert.deepEqual(await lines('acme_rate'), [])
})

test('metricsOf() gives out every metric of the table, and none of ours beside it', async () => {
  const { metrics } = scene()
  const types = (await metrics.text()).matchAll(/^# TYPE strongroom_operator_(\S+) (\S+)$/gm)
  const given = Object.fromEntries([...types].map(([, name, type]) => [name, type]))
  const expected = Object.entries(metricTable).map(([name, { type }]) => [name, type])
  assert.deepEqual(given, Object.fromEntries(expected))
})

test('metricsOf() keeps the numbers of two operators in one process apart', async () => {
  const [a, b] = [scene().metrics, scene().metrics]
  a.apiCall('GET', 200)
  assert.ok(!(await b.text()).includes('method="GET"'))
  assert.match(await b.text(), /process_resident_memory_bytes \d/)
})

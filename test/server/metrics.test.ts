import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type MetricSources, Metrics } from '#server/metrics.ts'

const figures = {
  sizeOnDiskBytes: 100,
  pages: 1,
  cachedPages: 2,
  cacheHits: 3,
  cacheMisses: 4,
  commits: 5,
  sealedPages: 6,
  openedPages: 7,
  lastCommitMs: 8,
  damages: 0,
}
const sources: MetricSources = {
  engines: () => [figures, figures],
  databases: () => ({ open: 1, damaged: 0, quarantined: 0 }),
  isStoreLost: () => false,
  removableMasterKeys: () => 0,
  certificates: () => ({ registered: 3, expiring: 1, expired: 1 }),
  certificateSecondsLeft: () => 60,
  order: () => undefined,
}

async function textOf(
  given: Partial<MetricSources>,
  work: (metrics: Metrics) => void = () => undefined,
) {
  const metrics = new Metrics({ ...sources, ...given })
  work(metrics)
  const { body } = await metrics.text()
  metrics.close()
  return body
}

test('Metrics add up the figures of all engines when they are asked', async () => {
  const text = await textOf({})
  for (const line of [
    'strongroom_commits 10',
    'strongroom_pages_sealed 12',
    'strongroom_storage_bytes 200',
    'strongroom_certificates_expiring 1',
    'strongroom_server_certificate_expiry_seconds 60',
  ]) {
    assert(text.includes(`\n${line}\n`), line)
  }
})

test('Metrics say nothing of a server certificate where there is no TLS', async () => {
  assert.doesNotMatch(
    await textOf({ certificateSecondsLeft: () => undefined }),
    /^strongroom_server_certificate_expiry_seconds \d/m,
  )
})

test('Metrics count requests by method, pattern and status', async () => {
  const text = await textOf({}, (metrics) => {
    const request = { method: 'GET', route: '/databases/:database/docs', milliseconds: 3 }
    metrics.request({ ...request, status: 200 })
    metrics.request({ ...request, status: 200 })
    metrics.request({ ...request, status: 404 })
    metrics.certificateRefused()
  })
  assert.match(
    text,
    /strongroom_requests_total\{method="GET",route="\/databases\/:database\/docs",status="200"\} 2/,
  )
  assert.match(
    text,
    /strongroom_request_duration_seconds_count\{route="\/databases\/:database\/docs"\} 3/,
  )
  assert.match(text, /strongroom_server_certificate_refused_total 1/)
  assert.match(text, /nodejs_eventloop_lag_seconds/)
})

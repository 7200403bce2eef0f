/** What the operator of a test's namespace tells Prometheus, asked where Prometheus would. */
import assert from 'node:assert/strict'
import type { MetricName } from '#operator/metric-table.ts'
import { metricPrefix } from '#operator/metric-table.ts'
import type { Tenant } from './suite.ts'

export interface Scrape {
  readonly text: string
  /** Values of the series whose labels are those and perhaps more. */
  of(name: MetricName, labels?: Readonly<Record<string, string>>): readonly number[]
}

export async function scrape(tenant: Tenant): Promise<Scrape> {
  const selector = 'app.kubernetes.io/name=strongroom-operator'
  const path = 'jsonpath={.items[*].status.podIP}'
  const address = await tenant.kubectl('get', 'pods', '-l', selector, '-o', path)
  const answer = await fetch(`http://${address}:8081/metrics`)
  assert.equal(answer.status, 200)
  const text = await answer.text()
  return {
    text,
    of: (name, labels = {}) => {
      const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
      return text
        .split('\n')
        .filter((line) => /^\w+/.exec(line)?.[0] === `${metricPrefix}${name}`)
        .filter((line) => wanted.every((label) => line.includes(label)))
        .map((line) => Number(line.split(' ').at(-1)))
    },
  }
}

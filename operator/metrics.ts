/** Metrics of the operator, in Prometheus' text format. Few labels, none from users. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Outcome } from './runtime/outcome.ts'

export interface OperatorMetrics {
  /** A finished call to the API server. */
  readonly apiCall: (method: string, status: number) => void
  readonly reconciled: (controller: string, outcome: Outcome['kind']) => void
  readonly watchQueue: (controller: string, depth: () => number) => void
  readonly text: () => Promise<string>
}

export function metricsOf(): OperatorMetrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const calls = new Counter({
    name: 'strongroom_operator_api_calls_total',
    help: 'Calls to the API server',
    labelNames: ['method', 'status'],
    registers,
  })
  const reconciles = new Counter({
    name: 'strongroom_operator_reconciles_total',
    help: 'Finished reconciles by outcome',
    labelNames: ['controller', 'outcome'],
    registers,
  })
  const depths = new Map<string, () => number>()
  new Gauge({
    name: 'strongroom_operator_queue_depth',
    help: 'Keys that wait or are due later',
    labelNames: ['controller'],
    registers,
    collect() {
      for (const [controller, depth] of depths) this.set({ controller }, depth())
    },
  })
  return {
    apiCall: (method, status) => calls.inc({ method, status: String(status) }),
    reconciled: (controller, outcome) => reconciles.inc({ controller, outcome }),
    watchQueue: (controller, depth) => depths.set(controller, depth),
    text: () => registry.metrics(),
  }
}

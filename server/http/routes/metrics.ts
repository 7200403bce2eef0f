/** Figures for Prometheus, for anybody with a registered certificate. */
import { registered } from '#server/access/actions.ts'
import type { Routes } from '../route.ts'

export interface MetricsParts {
  text(): Promise<{ readonly type: string; readonly body: string }>
}

export function metricsRoutes(metrics: MetricsParts): Routes {
  return [
    {
      method: 'GET',
      path: '/metrics',
      action: registered,
      handle: async (_request, reply) => {
        const { type, body } = await metrics.text()
        return reply.type(type).send(body)
      },
    },
  ]
}

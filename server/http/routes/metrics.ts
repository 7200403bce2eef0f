/** Figures for Prometheus, for anybody with a registered certificate. */
import { registered } from '#server/access/actions.ts'
import type { Routes } from '../route.ts'

export interface MetricsParts {
  readonly text: () => Promise<{ readonly type: string; readonly body: string }>
}

export function metricsRoutes({ text }: MetricsParts): Routes {
  return [
    {
      method: 'GET',
      path: '/metrics',
      action: registered,
      handle: async (_request, reply) => {
        const { type, body } = await text()
        return reply.type(type).send(body)
      },
    },
  ]
}

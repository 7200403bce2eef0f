/** What this server is, and whether it lives. Probes are open: a kubelet has no certificate. */
import { open, registered } from '#server/access/actions.ts'
import { ravenVersion } from '../protocol.ts'
import type { Routes } from '../route.ts'

export interface BuildParts {
  /** True once the server may be given requests, false again when it is told to stop. */
  readonly isReady: () => boolean
}

export function buildRoutes({ isReady }: BuildParts): Routes {
  return [
    { method: 'GET', path: '/build/version', action: registered, handle: () => ravenVersion },
    {
      method: 'GET',
      path: '/setup/alive',
      action: open,
      handle: (_request, reply) => void reply.code(204),
    },
    {
      method: 'GET',
      path: '/health/live',
      action: open,
      handle: (_request, reply) => void reply.code(204),
    },
    {
      method: 'GET',
      path: '/health/ready',
      action: open,
      handle: (_request, reply) => void reply.code(isReady() ? 204 : 503),
    },
  ]
}

/** A few routes behind the whole HTTP side but certificates, to be asked without a socket. */
import { createServer } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Routes } from '#server/http/route.ts'
import { type HttpParts, httpServer } from '#server/http/server.ts'

export async function routeServer(
  routes: Routes,
  parts: Partial<HttpParts> = {},
): Promise<FastifyInstance> {
  const server = httpServer({
    routes,
    listener: (handler) => createServer(handler),
    admit: () => undefined,
    origins: undefined,
    headers: {},
    topologyEtag: 1,
    observe: () => undefined,
    internalError: (error) => {
      throw error
    },
    ...parts,
  })
  await server.ready()
  return server
}

/**
 * How a route is written: parse, one call, shape. Every route names its action; the access hook asks the policy before the handler runs.
 *
 * Bodies arrive as Buffers whatever their content type says: RavenDB's clients send JSON under several types and none.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Action } from '#server/access/actions.ts'

export interface Route {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE' | 'PATCH' | 'OPTIONS' | 'RESET'
  /** Path in find-my-way's form, e.g. `/databases/:database/docs`. Matched without regard to case. */
  readonly path: string
  readonly action: Action
  /** Names that the address may have, each once, where any other is refused: on routes that concern security. */
  readonly parameters?: readonly string[]
  /** Largest body in bytes; `smallBodyBytesMax` where left out. */
  readonly bodyBytesMax?: number
  /** Options of RavenDB's that are refused here, before the body is read. */
  readonly unsupported?: UnsupportedOptions
  /** The feature that would answer here; nothing where the route is built. */
  readonly unbuilt?: string
  readonly handle: (request: FastifyRequest, reply: FastifyReply) => unknown
}

/** Name of a query value → the values, folded, that ask for nothing beyond what the route does; any other is refused. */
export type UnsupportedOptions = Readonly<Record<string, readonly string[]>>

/** Query values with lower-cased names: RavenDB reads names without regard to case, and `?&id=` begins with an empty one. Repeated names make several values. */
export type QueryValues = ReadonlyMap<string, readonly string[]>

declare module 'fastify' {
  interface FastifyContextConfig {
    action?: Action
    unsupported?: UnsupportedOptions
    unbuilt?: string
  }
}

/** The routes of one area, built by `documentRoutes({ catalog })` and the like from the parts they call. */
export type Routes = readonly Route[]

/**
 * The HTTP side: one list of routes, and the life of a request in the order of this file.
 *
 *   listener   bytes → request           bounded in time, size and number
 *   address    lenient URL → path, query
 *   head       headers that could be read in two ways are refused
 *   origin     another site's browser page is refused
 *   admit      identity and access, before a byte of the body is read
 *   body       bytes whatever the content type says
 *   readmit    the same once more: a body may take minutes, and rights hold at the moment of the action
 *   handle     the route: parse, one call, shape
 *   problem    any error → RavenDB's body
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { errors } from '#server/errors.ts'
import { headerBytesMax, smallBodyBytesMax } from '#server/limits.ts'
import type { CodedError } from '#shared/errors.ts'
import { foldCase } from '#shared/fold-case.ts'
import { acceptBodies } from './body.ts'
import { BodyBudget } from './body-budget.ts'
import { demandKnownParameters } from './known-parameters.ts'
import { isForeignOrigin, type OriginRules } from './origin.ts'
import { codedError, sendProblem } from './problem.ts'
import { ravenVersion } from './protocol.ts'
import { escapedStrays, parsedQuery } from './query-values.ts'
import { headRefusal } from './request-head.ts'
import { isReplayed, resetVerb } from './reset-verb.ts'
import type { Route, Routes } from './route.ts'
import { topologyRefresh } from './topology-refresh.ts'
import { refuseUnsupportedOptions } from './unsupported-options.ts'

/** What watches over requests from outside this folder. */
export interface HttpParts {
  readonly routes: Routes
  /** Makes the listening server around the handler: TLS or plain. */
  readonly listener: (handler: RequestHandler) => Server
  /** Decides on the caller before the body is read; throws the refusal. Also asked for unknown routes. */
  readonly admit: (request: FastifyRequest, reply: FastifyReply) => void | Promise<void>
  /** Nothing where browsers' origins are not checked. */
  readonly origins: OriginRules | undefined
  /** Host names that are ours; left out where TLS proves the name. */
  readonly isOurHost?: ((host: string) => boolean) | undefined
  /** Headers of every answer, e.g. Strict-Transport-Security. */
  readonly headers: Readonly<Record<string, string>>
  /** Etag of the topologies that we answer. */
  readonly topologyEtag: number
  /** Told of each finished request. */
  readonly observe: (request: FastifyRequest, reply: FastifyReply) => void
  /** Told of each error that is a mistake of ours; must end the process where stored data is in doubt. */
  readonly internalError: (error: unknown, request: FastifyRequest) => void
}

export type RequestHandler = Parameters<
  NonNullable<import('fastify').FastifyServerOptions['serverFactory']>
>[0]

/** The HTTP side of a server, as whoever opens its port sees it. */
export type HttpServer = FastifyInstance

/** Builds the server; `ready()` it before it listens. */
export function httpServer(parts: HttpParts): HttpServer {
  const app = fastify({
    serverFactory: (handler) => parts.listener(handler),
    clientErrorHandler: resetVerb(),
    bodyLimit: smallBodyBytesMax,
    exposeHeadRoutes: false,
    frameworkErrors: (_error, request, reply) =>
      void sendProblem(errors.RequestMalformed(), request, reply as FastifyReply),
    rewriteUrl: (request) => lenientAddress(request.url ?? '/'),
    routerOptions: {
      // Paths are folded by us: the router lower-cases names as well, and cuts them at places that have moved.
      caseSensitive: true,
      // Longer than any address can be: the framework's own answer would come before the caller is known.
      maxParamLength: headerBytesMax,
      querystringParser: parsedQuery as never,
    },
  })
  app.addHttpMethod(resetMethod, { hasBody: true })
  app.decorateRequest('readmit', identityOf)
  acceptBodies(app, new BodyBudget())
  takeExpectations(app)
  addHooks(app, parts)
  for (const route of parts.routes) addRoute(app, route)
  // Never reached: the hooks answer before the body is read. Without it the framework would answer on its own.
  app.setNotFoundHandler((request) => {
    throw notFound(request)
  })
  app.setErrorHandler((error, request, reply) => {
    const coded = codedError(error)
    if (coded.code === 'Internal' || coded.code === 'CommitInDoubt')
      parts.internalError(error, request)
    return sendProblem(coded, request, reply)
  })
  return app
}

/** Where `admit` leaves no way to ask again, its answer stands. */
function identityOf(this: FastifyRequest) {
  return this.identity
}

/** Inside, `RESET` is called PURGE, which Node's parser knows: see reset-verb.ts. */
const resetMethod = 'PURGE'

function verbOf(request: FastifyRequest): string {
  return request.method === resetMethod ? 'RESET' : request.method
}

function lenientAddress(url: string): string {
  const question = url.indexOf('?')
  const path = question < 0 ? url : url.slice(0, question)
  return foldedPath(escapedStrays(path)) + (question < 0 ? '' : url.slice(question))
}

/** The words of a path without regard to case; the name of a database stays as it is, since answers and audit repeat it. */
function foldedPath(path: string): string {
  const [root = '', area = '', ...rest] = path.split('/')
  const isInDatabase = foldCase(area) === 'databases'
  const words = rest.map((word, at) => (isInDatabase && at === 0 ? word : foldCase(word)))
  return [root, foldCase(area), ...words].join('/')
}

/** Node's own answer to what it does not know would have no body: like all else in the head it is checked by `headRefusal`. */
function takeExpectations(app: FastifyInstance): void {
  app.server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    app.server.emit('request', request, response)
  })
}

function addHooks(app: FastifyInstance, parts: HttpParts): void {
  const headers = { 'raven-server-version': ravenVersion.FullVersion, ...parts.headers }
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers)
    if (isReplayed(request.raw.socket)) reply.header('connection', 'close')
    const refused = headRefusal(request, { isOurHost: parts.isOurHost })
    if (refused !== undefined) return done(refused)
    const { headers: sent, originalUrl } = request
    if (parts.origins !== undefined && isForeignOrigin(sent, parts.origins, originalUrl)) {
      reply.code(403).send()
      return
    }
    if (!isMediaType(request.headers['content-type'])) delete request.headers['content-type']
    done()
  })
  app.addHook('onRequest', async (request, reply) => parts.admit(request, reply))
  app.addHook('onRequest', async (request, reply) => {
    refuseUnanswerable(request)
    const route = request.routeOptions.url ?? ''
    reply.headers(topologyRefresh(request.headers, { route, etag: parts.topologyEtag }))
  })
  app.addHook('preHandler', (request, _reply, done) => {
    request.readmit()
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    parts.observe(request, reply)
    done()
  })
}

/** What no handler will answer is refused as soon as its headers are there: a client that streams its body waits for nothing. */
function refuseUnanswerable(request: FastifyRequest): void {
  const { unbuilt, unsupported = {} } = request.routeOptions.config
  if (request.is404) throw notFound(request)
  if (unbuilt !== undefined) {
    throw errors.FeatureNotBuilt(
      unbuilt,
      verbOf(request),
      request.originalUrl.split('?', 1)[0] ?? '',
    )
  }
  refuseUnsupportedOptions(request, unsupported)
}

function notFound(request: FastifyRequest): CodedError {
  return errors.RouteNotFound(verbOf(request), request.originalUrl)
}

function isMediaType(label: string | undefined): boolean {
  return label === undefined || /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+\s*(;|$)/.test(label)
}

function addRoute(app: FastifyInstance, route: Route): void {
  app.route({
    method: route.method === 'RESET' ? (resetMethod as 'POST') : route.method,
    url: foldedPath(route.path),
    bodyLimit: route.bodyBytesMax ?? smallBodyBytesMax,
    config: configOf(route),
    onRequest: (request, _reply, done) => {
      if (route.parameters !== undefined) demandKnownParameters(request, route.parameters)
      done()
    },
    handler: async (request, reply) => {
      const answer = await route.handle(request, reply)
      // A reply that was awaited comes back as nothing, also where its caller left in the middle of it.
      return reply.raw.headersSent || answer === reply ? reply : reply.send(answer)
    },
  })
}

function configOf({ action, unsupported, unbuilt }: Route) {
  return {
    action,
    ...(unsupported === undefined ? {} : { unsupported }),
    ...(unbuilt === undefined ? {} : { unbuilt }),
  }
}

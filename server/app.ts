/**
 * The composition root: builds every part of a server once and passes it to those that need it. Parts are closed in reverse.
 *
 *   port → locked memory → checks: server store, keys, certificates, administrators → server store → folders
 *     → identities → first administrator → databases → HTTP
 */
import type { Clock } from '#shared/clock.ts'
import type { CodedError } from '#shared/errors.ts'
import type { Issued } from '#shared/pki/issue.ts'
import { accessHook, unsecuredHook } from './access/hook.ts'
import type { Identity } from './access/identity.ts'
import type { OrderFigures } from './acme/ordering.ts'
import type { Audit } from './audit/event.ts'
import type { Config } from './config.ts'
import type { Catalog } from './database/catalog.ts'
import { allRoutes, type RouteParts } from './http/all-routes.ts'
import { originRules } from './http/origin.ts'
import { ownUrl } from './http/own-url.ts'
import type { Routes } from './http/route.ts'
import type { BuildParts } from './http/routes/build.ts'
import type { TopologyParts } from './http/routes/topology.ts'
import { type HttpServer, httpServer } from './http/server.ts'
import { unbuiltRoutes } from './http/unbuilt-routes.ts'
import type { Logger } from './log.ts'
import { Metrics } from './metrics.ts'
import type { LockedMemory } from './seal/locked.ts'
import { openCatalog } from './start/databases.ts'
import { firstAdministrator, type OnStep } from './start/first-start.ts'
import { hasConfiguredAdmin, type Identities, openIdentities } from './start/identities.ts'
import { type Door, listen } from './start/listening.ts'
import type { OrderingWish } from './start/ordering.ts'
import { ownAfterChecks } from './start/owning.ts'
import { mainCertificate, type Transport } from './start/transport.ts'
import { endsProcess } from './start/uncaught-errors.ts'
import { openClientAuthority } from './system/authorities.ts'
import { topologyEtag } from './system/member.ts'
import type { ServerStore } from './system/open.ts'
import { urlOf } from './tls/address.ts'
import type { Challenges } from './tls/challenges.ts'
import { ConnectionGuard, guardBounds } from './tls/connection-guard.ts'

/** What comes from outside the process. */
export interface Means {
  readonly clock: Clock
  readonly logger: Logger
  readonly audit: Audit
  /** Ends the process: something is wrong in a way that going on could make worse. */
  readonly fatal: (error: unknown) => void
  /** Told of each step of a first start. */
  readonly onStep?: OnStep
}

export interface Server extends AsyncDisposable {
  /** URL under which it answers. */
  readonly url: string
  /** PFX of the first administrator, while it lies where the first start put it. */
  readonly administrator: string | undefined
  /** No commit begins any more; resolves when those under way have ended. For a process that must not go on. */
  readonly abandon: (reason: Error) => Promise<void>
}

/**
 * Builds a server and listens. Takes the port and makes every check first, and owns the data folder only then: a start that fails leaves
 * a server that runs on that folder as it is. Throws the coded errors of every part; nothing stays open then.
 */
export async function startServer(config: Config, means: Means): Promise<Server> {
  await using owner = new AsyncDisposableStack()
  const { clock, onStep = () => undefined } = means
  const common = { ...means, config, onStep, owner }
  const state: ServingState = { isReady: false, isStoreLost: false }
  const metrics = new Metrics({
    engines: () => [system.figures, ...catalog.figures.engines],
    databases: () => databaseCounts(catalog),
    isStoreLost: () => state.isStoreLost,
    removableMasterKeys: () => store.masterKeys.removable.length,
    certificates: () => identities.counts(),
    certificateSecondsLeft: () => secondsLeft(transport, clock),
    order: () => order(),
  })
  const ordering: { figures?: () => OrderFigures } = {}
  const owned = await ownAfterChecks({ ...common, refused: () => metrics.certificateRefused() })
  const { door, folders, memory, challenges, transport, wellKnown, store } = owned
  const { system } = store
  const authority = await openClientAuthority(system, clock)
  const identities = await openIdentities({ ...common, system, authority, transport, wellKnown })
  const { certificates } = identities
  const administrator =
    transport.isSecured && !hasConfiguredAdmin(config)
      ? await firstAdministrator({
          ...{ ...common, system, certificates, authority },
          folder: folders.certificates,
        })
      : undefined
  const storeLost = storeLostIn(state, means)
  const catalog = await openCatalog({ ...common, folders, memory, store, storeLost, transport })
  const order = () => ordering.figures?.()
  const parts = {
    ...{ ...common, store, memory, transport, challenges, order, door, state },
    ...{ identities, authority, metrics, catalog },
  }
  const url = await serve(parts, { etag: await topologyEtag(system, urlsOf(config)) })
  const issued = () => {
    metrics.certificateIssued()
    void transport.look()
  }
  const figures = await orderWhereWished({ ...common, challenges, issued })
  if (figures !== undefined) ordering.figures = figures
  void catalog.openAll()
  const running = owner.move()
  return {
    url,
    administrator,
    abandon: async (reason) =>
      void (await Promise.all([catalog.abandon(reason), system.abandon(reason)])),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

/** Without its server store a server is not ready: nobody's rights could be changed any more. */
function storeLostIn(state: ServingState, { logger }: Pick<Means, 'logger'>) {
  return (error: CodedError): void => {
    state.isStoreLost = true
    logger.error({ error }, 'The server store takes no more changes')
  }
}

/** Most servers order nothing, and load nothing of it. */
async function orderWhereWished(wish: OrderingWish) {
  if (wish.config['Security.Certificate.LetsEncrypt.Email'] === undefined) return undefined
  const { startOrdering } = await import('./start/ordering.ts')
  return startOrdering(wish)
}

/** What changes while a server serves. */
interface ServingState {
  isReady: boolean
  /** The files of the server store were lost under it. */
  isStoreLost: boolean
}

interface Parts extends Means {
  readonly door: Door
  readonly state: ServingState
  readonly config: Config
  readonly store: ServerStore
  readonly memory: LockedMemory
  readonly transport: Transport
  readonly challenges: Challenges
  /** What the order of a server certificate does now. */
  readonly order: () => OrderFigures | undefined
  readonly identities: Identities
  readonly authority: Issued
  readonly metrics: Metrics
  readonly catalog: Catalog
  readonly owner: AsyncDisposableStack
}

/** Routes on one side, the caller's identity on the other, and the port. Answers the URL. */
async function serve(parts: Parts, { etag }: { readonly etag: number }): Promise<string> {
  const { config, transport, owner, door, state } = parts
  const { PublicServerUrl: publicUrl } = config
  const { isOurs, isInternal } = transport
  const url = ownUrl({ publicUrl, isOurs, isInternal, listenUrl: () => urlOf(door.address) })
  const isReady = () => state.isReady && !state.isStoreLost
  const routes = [
    ...allRoutes(
      routeParts(parts, { etag, url, isReady }),
      config['Documents.MaxSizeInMb'] * 1024 * 1024,
    ),
    ...unbuiltRoutes(),
  ]
  const app = httpSide(parts, routes, etag)
  const listening = await listen(app, door)
  state.isReady = true
  owner.defer(async () => {
    state.isReady = false
    await listening.stop()
  })
  return url({ headers: {} })
}

/** What each area of routes calls. */
function routeParts(
  parts: Parts,
  own: Pick<TopologyParts, 'url' | 'etag'> & BuildParts,
): RouteParts {
  const { config, store, transport, identities, catalog, clock, audit } = parts
  const { url } = own
  const serverCertificate = () => mainCertificate(transport.served())
  return {
    build: own,
    metrics: parts.metrics,
    topology: {
      ...own,
      tcpUrl: config['PublicServerUrl.Tcp'] ?? config['ServerUrl.Tcp'],
      certificate: () => serverCertificate()?.der.toString('base64'),
      serverId: store.system.id,
      findDatabase: (name) => catalog.find(name)?.record,
      clock,
    },
    certificates: {
      certificates: identities.certificates,
      authority: parts.authority,
      clock,
      serverCertificate,
      serverIsAdmin: config['Security.ServerCertificateIsAdmin'],
      wellKnown: identities.wellKnown,
    },
    databases: { catalog, audit, url, clock },
    secrets: { ...store, memory: parts.memory, audit, secured: transport.isSecured },
    state: { store, catalog, served: transport.served, order: parts.order },
    challenges: { challenges: parts.challenges, audit, secured: transport.isSecured },
  }
}

function httpSide(parts: Parts, routes: Routes, topologyEtag: number): HttpServer {
  const { config, transport, logger, metrics, fatal } = parts
  const { scheme } = transport.address
  const hasCsrfFilter = config['Security.Csrf.Enabled']
  const guard = new ConnectionGuard(guardBounds(config['Security.MaxConnectionsPerAddress']))
  const admit = admission(parts)
  return httpServer({
    routes,
    topologyEtag,
    listener: (handler) =>
      guard.follow(parts.identities.connections.follow(transport.listener(handler))),
    admit: async (request) => {
      await admit(request)
      const caller = callerOf(request.identity)
      if (caller !== undefined) guard.know(request.raw.socket, caller)
    },
    origins: hasCsrfFilter
      ? originRules(scheme, config['Security.Csrf.TrustedOrigins'])
      : undefined,
    isOurHost: transport.isSecured ? undefined : transport.isOurs,
    headers: transport.isSecured && !config['Security.DisableHsts'] ? strictTransport : {},
    observe: (request, reply) =>
      metrics.request({
        method: request.method,
        route: request.routeOptions.url ?? 'none',
        status: reply.statusCode,
        milliseconds: reply.elapsedTime,
      }),
    internalError: (error, request) => {
      logger.error({ error, route: request.routeOptions.url }, 'A request failed')
      if (endsProcess(error)) fatal(error)
    },
  })
}

/** Whose connections are kept when there are too many: those of callers who are let in. */
function callerOf(identity: Identity): string | undefined {
  if (identity.kind === 'registered') return identity.certificate.thumbprint
  return identity.kind === 'unsecured' ? 'anybody' : undefined
}

/** Browsers come by HTTPS only, for a year. */
const strictTransport = { 'strict-transport-security': 'max-age=31536000' }

function admission({ transport, identities, clock, audit }: Parts) {
  if (!transport.isSecured) return unsecuredHook()
  const { registry, certificates, connections, presentedBy } = identities
  return accessHook({
    registry,
    presentedBy,
    recordRenewal: (presented, renewal) => certificates.renew(presented, renewal),
    identified: (presented, identity) => connections.identified(presented, identity),
    clock,
    audit,
  })
}

function databaseCounts({ figures }: Catalog) {
  const { engines, damaged, quarantined } = figures
  return { open: engines.length, damaged, quarantined }
}

/** Of the one that ends first. */
function secondsLeft(transport: Transport, clock: Clock): number | undefined {
  const { internal, public: open } = transport.served()
  const ends = [internal, open].filter((one) => one !== undefined).map(({ notAfter }) => notAfter)
  return ends.length === 0 ? undefined : (Math.min(...ends) - clock.now()) / 1000
}

function urlsOf(config: Config): string {
  return config.PublicServerUrl ?? config.ServerUrl
}

/** Where the members are. A client asks here first and from then on uses the URLs it is told. */
import { availableParallelism, totalmem } from 'node:os'
import type { FastifyRequest } from 'fastify'
import { type Action, readDatabase, registered } from '#server/access/actions.ts'
import { errors } from '#server/errors.ts'
import { type Clock, ravenDate } from '#shared/clock.ts'
import { nodeTag, ravenVersion } from '../protocol.ts'
import { queryValue } from '../query-values.ts'
import type { Routes } from '../route.ts'

export interface TopologyParts {
  /** URL under which this caller reaches us. */
  readonly url: (request: FastifyRequest) => string
  readonly tcpUrl: string
  /** Base64 of the DER of the server certificate; nothing without TLS. */
  readonly certificate: () => string | undefined
  /** Id of the server store. */
  readonly serverId: string
  /** Grows whenever what is answered here changes: clients compare it with the one they know. */
  readonly etag: number
  /** The database under its own spelling; nothing where there is none. */
  readonly findDatabase: (name: string) => { readonly name: string } | undefined
  readonly clock: Clock
}

const readNamedDatabase: Action = { level: 'Read', database: 'query' }

export function topologyRoutes(parts: TopologyParts): Routes {
  const leaderSince = parts.clock.now()
  return [
    {
      method: 'GET',
      path: '/topology',
      action: readNamedDatabase,
      handle: (request) => databaseTopology(parts, request),
    },
    {
      method: 'GET',
      path: '/cluster/topology',
      action: registered,
      handle: (request) => clusterTopology({ ...parts, leaderSince }, request),
    },
    {
      method: 'GET',
      path: '/cluster/node-info',
      action: registered,
      handle: () => nodeInfo(parts),
    },
    { method: 'GET', path: '/info/tcp', action: registered, handle: () => tcpInfo(parts) },
    {
      method: 'GET',
      path: '/databases/:database/info/tcp',
      action: readDatabase,
      handle: () => tcpInfo(parts),
    },
  ]
}

function databaseTopology({ url, etag, findDatabase }: TopologyParts, request: FastifyRequest) {
  const name = queryValue(request, 'name') ?? ''
  const database = findDatabase(name)
  if (database === undefined) throw errors.DatabaseTopologyMissing(name)
  const node = {
    Url: url(request),
    ClusterTag: nodeTag,
    ServerRole: 'Member',
    Database: database.name,
  }
  return { Promotables: [], Nodes: [node], Etag: etag }
}

interface ClusterParts extends TopologyParts {
  /** Milliseconds since 1970. */
  readonly leaderSince: number
}

function clusterTopology(
  { url, etag, serverId, clock, leaderSince }: ClusterParts,
  request: FastifyRequest,
) {
  const ours = { [nodeTag]: url(request) }
  return {
    '@metadata': { DateTime: ravenDate(clock.now()), WebUrl: url(request), NodeTag: nodeTag },
    Topology: {
      TopologyId: serverId,
      AllNodes: ours,
      Members: ours,
      Promotables: {},
      Watchers: {},
      LastNodeId: nodeTag,
      Etag: etag,
    },
    Etag: etag,
    Leader: nodeTag,
    LeaderShipDuration: clock.now() - leaderSince,
    NodeTag: nodeTag,
    ...state,
    CurrentTerm: 1,
    NodeLicenseDetails: {},
    Status: {},
  }
}

/** One member leads itself. */
const state = {
  CurrentState: 'Leader',
  /** What it is to others, of `None`, `Member`, `Promotable` and `Rehab`: clients know no other word. */
  ServerRole: 'Member',
  LastStateChangeReason: 'The only member',
}

function nodeInfo({ certificate, serverId }: TopologyParts) {
  const memoryInGb = totalmem() / 1024 ** 3
  return {
    NodeTag: nodeTag,
    TopologyId: serverId,
    Certificate: certificate() ?? null,
    ClusterStatus: null,
    NumberOfCores: availableParallelism(),
    InstalledMemoryInGb: memoryInGb,
    UsableMemoryInGb: memoryInGb,
    BuildInfo: ravenVersion,
    ServerId: serverId,
    ...state,
    HasFixedPort: true,
    ServerSchemaVersion: 1,
  }
}

function tcpInfo({ tcpUrl, certificate, serverId }: TopologyParts) {
  return {
    Url: tcpUrl,
    Certificate: certificate() ?? null,
    NodeTag: nodeTag,
    ServerId: serverId,
    Urls: [tcpUrl],
  }
}

/** Every route of the server, area by area. */
import { certificateBodyBytesMax, recordBodyBytesMax, shortBodyBytesMax } from '#server/limits.ts'
import type { Routes } from './route.ts'
import { batchRoutes } from './routes/batches.ts'
import { type BuildParts, buildRoutes } from './routes/build.ts'
import { type CertificateRouteParts, certificateRoutes } from './routes/certificates.ts'
import { type ChallengeRouteParts, challengeRoutes } from './routes/challenges.ts'
import { type DatabaseListParts, databaseListRoutes } from './routes/database-list.ts'
import { type DatabaseRouteParts, databaseRoutes } from './routes/databases.ts'
import { documentRoutes } from './routes/documents.ts'
import { frontPageRoutes } from './routes/front-page.ts'
import { hiloRoutes } from './routes/hilo.ts'
import { identityRoutes } from './routes/identities.ts'
import { type MetricsParts, metricsRoutes } from './routes/metrics.ts'
import { queryRoutes } from './routes/queries.ts'
import { type SecretRouteParts, secretRoutes } from './routes/secrets.ts'
import { type StateParts, stateRoutes } from './routes/state.ts'
import { statisticsRoutes } from './routes/statistics.ts'
import { type TopologyParts, topologyRoutes } from './routes/topology.ts'

/** What the routes of each area call. */
export interface RouteParts {
  readonly build: BuildParts
  readonly metrics: MetricsParts
  readonly topology: TopologyParts
  readonly certificates: CertificateRouteParts
  readonly secrets: SecretRouteParts
  readonly state: StateParts
  readonly challenges: ChallengeRouteParts
  readonly databases: DatabaseRouteParts & DatabaseListParts
}

/** `documentBytesMax`: the largest document; left out, the largest body. */
export function allRoutes(parts: RouteParts, documentBytesMax?: number): Routes {
  const { catalog } = parts.databases
  const inDatabase = { ...parts.databases, databases: catalog }
  return [
    ...frontPageRoutes(),
    ...buildRoutes(parts.build),
    ...metricsRoutes(parts.metrics),
    ...topologyRoutes(parts.topology),
    ...stateRoutes(parts.state),
    ...bounded(challengeRoutes(parts.challenges), shortBodyBytesMax),
    ...bounded(certificateRoutes(parts.certificates), certificateBodyBytesMax),
    ...bounded(secretRoutes(parts.secrets), shortBodyBytesMax),
    ...bounded(databaseRoutes(parts.databases), recordBodyBytesMax),
    ...databaseListRoutes(parts.databases),
    ...documentRoutes(catalog, documentBytesMax),
    ...batchRoutes(catalog, documentBytesMax),
    ...hiloRoutes(catalog),
    ...identityRoutes(catalog),
    ...queryRoutes(inDatabase),
    ...statisticsRoutes(inDatabase),
  ]
}

function bounded(routes: Routes, bodyBytesMax: number): Routes {
  return routes.map((route) => ({ bodyBytesMax, ...route }))
}

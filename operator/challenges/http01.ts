/**
 * Proves names by HTTP-01: a Service without selector in the cluster's namespace leads to the replicas of the operator, which answer from
 * the statuses; an Ingress or an HTTPRoute leads there where the issuer says so. All of it goes when the challenge is over.
 */

import type { Http01Solver } from '#operator/api/issuer-solvers.ts'
import type { Strongroom } from '#operator/api/strongroom.ts'
import { applyWhole, isWhole } from '#operator/kube/apply.ts'
import { httpRoutes } from '#operator/kube/kinds.ts'
import { type Kube, KubeError, refTo } from '#operator/kube/kube.ts'
import { fieldManager } from '#operator/kube/labels.ts'
import { deleteOwn } from '#operator/kube/owned-writes.ts'
import { isOwn, ownObject } from '#operator/kube/ownership.ts'
import { ingressRefusal, type Policy } from '#operator/policy.ts'
import type { LookAt } from '#shared/acme/http01-look.ts'
import type { Challenge, Solver } from '#shared/acme/solver.ts'
import { challengeErrors } from './errors.ts'
import { http01Objects } from './http01-objects.ts'

export interface Http01Means {
  readonly kube: Kube
  readonly cluster: Strongroom
  readonly settings: Http01Solver
  /** Of the replicas of the operator. */
  readonly addresses: () => Promise<readonly string[]>
  /** Where they answer. */
  readonly port: number
  readonly look: LookAt
  /** What Ingresses may be like. */
  readonly ingressPolicy: Policy['ingress']
}

/** A solver for the names of one cluster. */
export function http01Solver(means: Http01Means): Solver {
  const { settings, look } = means
  return {
    type: 'http-01',
    label: labelOf(settings),
    present: ({ name }) => lead(means, name),
    check: async (challenge, signal) => {
      // A replica may be gone since, such as the one that presented it: the CA would be led there in vain.
      await lead(means, challenge.name)
      return settings.check === 'None' ? undefined : look(challenge, signal)
    },
    cleanUp: ({ name }: Challenge) => takeAway(means, name),
  }
}

/** Throws `IngressRefused`, `ChallengeUnanswerable` and `GatewayApiMissing`; what was made until then is taken away again. */
async function lead(means: Http01Means, name: string): Promise<void> {
  const { kube, cluster, settings, addresses, port, ingressPolicy } = means
  const refusal = settings.ingress && ingressRefusal(name, settings.ingress, ingressPolicy)
  if (refusal !== undefined) throw challengeErrors.IngressRefused(name, refusal)
  const replicas = await addresses()
  if (replicas.length === 0) throw challengeErrors.ChallengeUnanswerable(name)
  const way = { settings, name, addresses: replicas, challengePort: port }
  try {
    const applying = { kube, owner: cluster, fieldManager: fieldManager.strongrooms }
    for (const child of http01Objects(cluster, way)) {
      const present = await ownObject(applying, child.kind, refTo(child.object))
      if (!isWhole(present, child.object)) await applyWhole(applying, child, { present })
    }
  } catch (error) {
    if (!isGatewayApiMissing(means, error)) throw error
    await takeAway(means, name)
    throw challengeErrors.GatewayApiMissing(name, httpRoutes.apiVersion)
  }
}

/** Everything else that is made is there in every cluster. */
function isGatewayApiMissing({ settings }: Http01Means, error: unknown): boolean {
  const isMissing = error instanceof KubeError && error.status === 404
  return isMissing && settings.gatewayHTTPRoute !== undefined
}

async function takeAway(
  { kube, cluster, settings, port }: Http01Means,
  name: string,
): Promise<void> {
  const way = { settings, name, addresses: [], challengePort: port }
  for (const { kind, object } of http01Objects(cluster, way)) {
    const there = await kube.get(kind, refTo(object))
    if (there !== undefined && isOwn(there, cluster))
      await deleteOwn({ kube, owner: cluster }, kind, there)
  }
}

function labelOf({ ingress, gatewayHTTPRoute }: Http01Solver): string {
  if (ingress !== undefined) return `Ingress class ${ingress.className}`.slice(0, 128)
  const [gateway] = gatewayHTTPRoute?.parentRefs ?? []
  return gateway === undefined ? 'http-01' : `Gateway ${gateway.name}`.slice(0, 128)
}

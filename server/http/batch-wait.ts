/**
 * What a batch asks to wait for after it is stored. There is one member and there are no indexes: no replica will ever have the write,
 * and nobody may be told that one has it, so the wait lasts its time and fails as in RavenDB; indexes are up to date at once.
 */
import { setTimeout } from 'node:timers/promises'
import type { FastifyRequest } from 'fastify'
import { errors } from '#server/errors.ts'
import { replicaWaitMsMax } from '#server/limits.ts'
import { flag, timeSpan, wholeNumber } from './parameters.ts'
import { queryValue } from './query-values.ts'

export interface ReplicaWait {
  /** Other members that must have the write; at least one. */
  readonly replicas: number
  /** Never longer than `replicaWaitMsMax`. */
  readonly timeoutMs: number
  /** Whether the caller is told that they have not; else it is answered as if it had not asked, only later. */
  readonly throwOnTimeout: boolean
}

/** The wait that the request asks for; nothing where it is satisfied at once. Throws `QueryValueInvalid`. */
export function replicaWait(request: FastifyRequest): ReplicaWait | undefined {
  timeSpan(request, 'waitForIndexesTimeout')
  const asked = timeSpan(request, 'waitForReplicasTimeout')
  const replicas = replicasIn(request)
  const throwOnTimeout = flag(request, 'throwOnTimeoutInWaitForReplicas', true)
  if (asked === undefined || replicas < 1) return undefined
  return { replicas, timeoutMs: Math.min(Math.max(asked, 0), replicaWaitMsMax), throwOnTimeout }
}

/** The majority of one member is that member. */
function replicasIn(request: FastifyRequest): number {
  const name = 'numberOfReplicasToWaitFor'
  if (queryValue(request, name.toLowerCase())?.toLowerCase() === 'majority') return 0
  return wholeNumber(request, name) ?? 1
}

/** Lasts its whole time. Rejects with `ReplicasNotReached`. */
export async function awaitReplicas(wait: ReplicaWait): Promise<void> {
  await setTimeout(wait.timeoutMs)
  if (wait.throwOnTimeout) throw errors.ReplicasNotReached(wait.replicas, wait.timeoutMs)
}

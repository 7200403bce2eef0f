/** What an order is decided from, and what is known after looking. Pure. */

import { ownIssuer } from '#operator/api/own-issuer.ts'
import type { PublicCertificate, Strongroom } from '#operator/api/strongroom.ts'
import type { Cache } from '#operator/kube/cache.ts'
import type { Finding } from '#operator/kube/conditions.ts'
import type { Kube } from '#operator/kube/kube.ts'
import type { Secret } from '#operator/kube/secret.ts'
import type { Report } from '#operator/kube/status.ts'
import type { IssuanceResult } from '#operator/metrics.ts'
import type { OrderState } from '#shared/acme/order-state.ts'
import type { OrderedNames } from '#shared/acme/ordered-names.ts'
import { renewalPlan } from '#shared/acme/renewal-plan.ts'
import type { Clock } from '#shared/clock.ts'
import type { OwnWrites } from '../own-writes.ts'
import { publicNames } from '../public-names.ts'
import { type OpenOrder, settled } from './condition.ts'
import { type HeldCertificate, heldCertificate, publicCertificate } from './held.ts'
import type { FindIssuer, UnusableIssuer } from './issuer.ts'
import { type OrderReason, orderReason } from './order-reason.ts'

export interface OrderMeans {
  readonly kube: Kube
  readonly cache: Pick<Cache, 'list' | 'get'>
  readonly clock: Clock
  readonly random: () => number
  readonly report: Report
  readonly findIssuer: FindIssuer
  readonly orderedNames: OrderedNames
  readonly ownWrites: OwnWrites
  /** Is told how attempts end, for metrics. */
  readonly issuance?: ((result: IssuanceResult) => void) | undefined
}

/** What is known after the pass; it goes into status. */
export interface Passed {
  readonly finding: Finding
  readonly order: OrderState | undefined
  readonly certificate: PublicCertificate | undefined
  /** When to come again, milliseconds since 1970. */
  readonly againAtMs?: number
}

/** Writes down what is known, between two acts. Where that fails nothing further is done. */
export type WriteDown = (passed: Passed) => Promise<void>

/** Everything that is decided from. */
export interface OrderScene {
  readonly cluster: Strongroom
  /** Kind and name of the issuer. */
  readonly issuer: string
  readonly issuerName: string
  readonly names: readonly string[]
  readonly nowMs: number
  readonly secret: Secret | undefined
  readonly held: HeldCertificate | undefined
  /** As far as it is, and as it is written down. */
  readonly order: OrderState | undefined
  readonly written: OrderState | undefined
  readonly certificate: PublicCertificate | undefined
  readonly renewAtMs: number
  /** When the CA is to be asked about renewal. */
  readonly askAtMs: number
  /** Why another certificate is needed; nothing where this one may stay. */
  readonly reason: OrderReason | undefined
}

export function sceneOf({
  cluster,
  secret,
  nowMs,
}: Pick<OrderScene, 'cluster' | 'secret' | 'nowMs'>): OrderScene | undefined {
  const issuer = ownIssuer(cluster)
  if (issuer === undefined) return undefined
  const { order, publicCertificate: before } = cluster.status ?? {}
  const held = heldCertificate(secret, cluster.metadata.name)
  const isOurs = held?.issuer === issuer.title
  const times = isOurs
    ? timesOf(held, before, nowMs)
    : { renewAtMs: nowMs, askAtMs: Number.POSITIVE_INFINITY }
  const question = { cluster, held, issuer: issuer.title, names: publicNames(cluster), nowMs }
  return {
    ...question,
    issuerName: issuer.name,
    secret,
    order,
    written: order,
    certificate: isOurs
      ? publicCertificate(held, { renewAtMs: times.renewAtMs, before })
      : undefined,
    ...times,
    reason: orderReason({ ...question, renewAtMs: times.renewAtMs }),
  }
}

/** A CA of the user's own has no say in when to renew; whether it has is known after it was asked once. */
function timesOf(
  { certificate }: HeldCertificate,
  before: PublicCertificate | undefined,
  nowMs: number,
): { readonly renewAtMs: number; readonly askAtMs: number } {
  const plan = renewalPlan(certificate, before?.renewal, nowMs)
  return { renewAtMs: plan.renewAt, askAtMs: plan.askAt }
}

/** `trouble`: why nothing can be asked of the issuer; the certificate may stay all the same. */
export function settledPass(scene: OrderScene, trouble?: UnusableIssuer): Passed {
  const { certificate, issuer, renewAtMs, askAtMs, held } = scene
  if (certificate === undefined || held === undefined)
    throw new TypeError('what is settled is held')
  return {
    order: undefined,
    certificate,
    finding: settled(issuer, certificate, trouble),
    // Who cannot be asked is not waited for: the issuer's own events wake the cluster.
    againAtMs: trouble === undefined ? Math.min(renewAtMs, askAtMs) : renewAtMs,
  }
}

/** What status says already, and goes on saying. */
export function known({ order, certificate }: OrderScene): Pick<Passed, 'order' | 'certificate'> {
  return { order, certificate }
}

export function openOf({ issuer, order }: OrderScene, reason: OrderReason): OpenOrder {
  return { reason, issuer, order }
}

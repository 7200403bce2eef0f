/**
 * The public certificate where one of our issuers gives it: looked at after the plan was carried out, one act of an order after the other, written into
 * status wherever the next one depends on it. Whoever was killed goes on with the same order.
 *
 * Nothing here keeps a member from running: they are ready on their internal certificate, and serve the public one of before until another came.
 */

import { names } from '#operator/api/names.ts'
import { type Strongroom, strongrooms } from '#operator/api/strongroom.ts'
import { keyOf } from '#operator/kube/key.ts'
import { secrets } from '#operator/kube/kinds.ts'
import { refTo } from '#operator/kube/kube.ts'
import { type Secret, secretText } from '#operator/kube/secret.ts'
import type { Observed } from '../observe.ts'
import { askedForRenewal } from './ask-renewal.ts'
import { hindered } from './condition.ts'
import { issuerTrouble } from './issuer-trouble.ts'
import { abandonedIssuer } from './let-go.ts'
import { ordered } from './ordered.ts'
import { revoked } from './revoke.ts'
import {
  known,
  type OrderMeans,
  type OrderScene,
  openOf,
  type Passed,
  sceneOf,
  settledPass,
  type WriteDown,
} from './scene.ts'
import { signed } from './signed.ts'
import { deleteStagedKey } from './staged-key.ts'

/** Nothing where no issuer of ours is declared. */
export async function orderPass(
  { cluster, secrets: seen, nowMs }: Observed,
  means: OrderMeans,
  write: WriteDown,
): Promise<Passed | undefined> {
  const name = names.issuedTls(cluster.metadata.name)
  const glance = sceneOf({ cluster, secret: seen.get(name), nowMs })
  if (glance === undefined) return undefined
  const trouble = issuerTrouble(means.cache, cluster, glance.issuerName)
  if (isSettled(glance)) return settledPass(glance, trouble)
  const live = await latest(cluster, means)
  if (live === undefined || live.metadata.deletionTimestamp !== undefined) return undefined
  // Another source was declared a moment ago: its event is on its way, and the order not the new one's.
  if (abandonedIssuer(live) !== undefined) return undefined
  const order = means.ownWrites.orderOf(live)
  // What this process has in mind has given nothing yet. Of every other order the certificate may have come, and not be seen.
  const isInMind = order !== live.status?.order
  const secret = isInMind
    ? seen.get(name)
    : await means.kube.get<Secret>(secrets, refTo(live, name))
  const scene = sceneOf({ cluster: live, secret, nowMs: means.clock.now() })
  if (scene === undefined) return undefined
  return untilItEnds(await workedOn({ ...scene, order }, means, write), scene.nowMs)
}

/** What was seen may be a moment old: an order is never begun, and never gone on with, from that. */
function latest(
  cluster: Strongroom,
  { kube, ownWrites }: OrderMeans,
): Promise<Strongroom | undefined> {
  if (ownWrites.isLatest(cluster)) return Promise.resolve(cluster)
  return kube.get<Strongroom>(strongrooms, refTo(cluster))
}

/** At its end the certificate is no longer good, whatever else is waited for: that is to be said then. */
function untilItEnds(passed: Passed, nowMs: number): Passed {
  const endMs = Date.parse(passed.certificate?.notAfter ?? '')
  if (!(endMs > nowMs)) return passed
  return { ...passed, againAtMs: Math.min(passed.againAtMs ?? endMs, endMs) }
}

async function workedOn(scene: OrderScene, means: OrderMeans, write: WriteDown): Promise<Passed> {
  const found = await means.findIssuer(scene.cluster, scene.issuerName)
  switch (found.kind) {
    case 'unusable':
      return scene.reason === undefined
        ? settledPass(scene, found)
        : { ...known(scene), finding: hindered(found, openOf(scene, scene.reason)) }
    case 'ca':
      return signed(scene, found, means)
    case 'acme': {
      const after = await revoked(await askedForRenewal(scene, found, means), found, means)
      if (after.reason !== undefined) return ordered(after, { found, means, write })
      means.orderedNames.release(keyOf(scene.cluster))
      await deleteUsedKey(after, means)
      return settledPass({ ...after, order: undefined })
    }
    default:
      return found satisfies never
  }
}

/** The key whose certificate arrived, where its deletion did not come about. */
async function deleteUsedKey({ cluster, order }: OrderScene, { kube }: OrderMeans): Promise<void> {
  if (order !== undefined) await deleteStagedKey(kube, cluster)
}

function isSettled({ reason, order, askAtMs, nowMs, secret }: OrderScene): boolean {
  const isFromOwnAuthority = secretText(secret, 'ca.crt') !== ''
  const isAsked = !isFromOwnAuthority && askAtMs <= nowMs
  return reason === undefined && order === undefined && !isAsked && !isFromOwnAuthority
}

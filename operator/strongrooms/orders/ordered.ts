/** An order as far as it can go now: act after act, written down wherever the next one depends on it. */

import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Strongroom } from '#operator/api/strongroom.ts'
import { strongrooms } from '#operator/api/strongroom.ts'
import { keyOf } from '#operator/kube/key.ts'
import { annotation } from '#operator/kube/labels.ts'
import { orderActsMax } from '#operator/limits.ts'
import { refusedFor } from '#shared/acme/accept.ts'
import { advance } from '#shared/acme/advance.ts'
import type { Advanced, Means, Wish } from '#shared/acme/advance.types.ts'
import { certificateId } from '#shared/acme/certificate-id.ts'
import type { OrderState } from '#shared/acme/order-state.ts'
import { rateLimited } from '#shared/acme/problem.ts'
import { pinOf } from '#shared/pki/certificate.ts'
import type { KeyPair } from '#shared/pki/issue.ts'
import { certificateRequest } from '#shared/pki/request.ts'
import { publicNames } from '../public-names.ts'
import { askedAtOnce } from './ask-renewal.ts'
import { momentOf } from './awaited.ts'
import { hindered, inWords, ordering } from './condition.ts'
import type { OrderingIssuer } from './issuer.ts'
import { keepCertificate } from './keep.ts'
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
import { deleteStagedKey, isStagedKeySeen, type StagedKey, stagedKey } from './staged-key.ts'

export interface Ordering {
  readonly found: OrderingIssuer
  readonly means: OrderMeans
  readonly write: WriteDown
}

export async function ordered(scene: OrderScene, by: Ordering): Promise<Passed> {
  const { found, means } = by
  const reason = scene.reason ?? 'Missing'
  const hindrance = hindranceOf(scene, means)
  if (hindrance !== undefined)
    return {
      ...known(scene),
      finding: hindered(hindrance, openOf(scene, reason)),
      againAtMs: means.clock.now() + othersMs,
    }
  const staged = await stagedKey(means.kube, scene.cluster, {
    kind: found.keyKind,
    used: scene.held?.certificate.pin,
    isSeen: isStagedKeySeen(scene.cluster, means.cache),
  })
  let now = scene
  for (let act = 0; act < orderActsMax; act += 1) {
    const advanced = await advance(now.order, wishOf(now, found), meansOf(now, staged.keys, by))
    if (advanced.issued !== undefined) return arrived(now, { chain: advanced.issued, staged }, by)
    const after = await noted(now, advanced, by)
    await reportProblem(now, advanced.state, means)
    now = after
    if (advanced.againAt > means.clock.now()) return waiting(now, advanced, means)
  }
  return { ...passedOf(now, { againAt: means.clock.now(), state: now.order }) }
}

/** After an act: written down where that cannot wait. */
async function noted(
  scene: OrderScene,
  advanced: Advanced,
  { means, write }: Ordering,
): Promise<OrderScene> {
  const order = advanced.state
  const isForAMoment = momentOf(order, means.clock.now()) !== undefined
  if (!advanced.mustBeKept || isForAMoment) return { ...scene, order }
  await write(passedOf(scene, advanced))
  return { ...scene, order, written: order }
}

/** What is not written down this process knows, and whoever does not know it takes those acts again. */
function waiting(scene: OrderScene, advanced: Advanced, { ownWrites }: OrderMeans): Passed {
  const { cluster, written } = scene
  const passed = passedOf(scene, advanced)
  if (written === advanced.state) return passed
  ownWrites.goAhead(cluster, { written, order: advanced.state })
  return { ...passed, order: written }
}

/** Another order of the same namespace is looked at again after that long. */
const othersMs = 5_000

/**
 * First the certificate, then its key's own Secret is taken away, then the word about it and when to renew it: whoever is killed between finds the
 * certificate, and by the order that status still has, what is to be taken away.
 */
async function arrived(
  scene: OrderScene,
  { chain, staged }: { readonly chain: string; readonly staged: StagedKey },
  { found, means, write }: Ordering,
): Promise<Passed> {
  const { cluster, issuer, held, reason = 'Missing' } = scene
  const { kube, orderedNames, ownWrites, report, clock, issuance } = means
  // Whoever fails from here on looks for the certificate before anything else.
  ownWrites.end(cluster)
  const { keys } = staged
  const secret = await keepCertificate(kube, { cluster, issuer, chain, keys, held })
  await deleteStagedKey(kube, cluster, staged)
  const after = sceneOf({ cluster, secret, nowMs: clock.now() }) ?? scene
  const passed = settledPass({ ...(await askedAtOnce(after, found, means)), order: undefined })
  await write(passed)
  orderedNames.release(keyOf(cluster))
  const note = `${issuer} gave the public certificate ${passed.certificate?.sha256} (${reason})`
  issuance?.('issued')
  await report(cluster, { reason: 'CertificateIssued', note }, 'Normal')
  return passed
}

function passedOf(
  scene: OrderScene,
  { state, againAt }: { readonly state: OrderState | undefined; readonly againAt: number },
): Passed {
  const finding = ordering({ ...openOf(scene, scene.reason ?? 'Missing'), order: state })
  return { order: state, certificate: scene.certificate, finding, againAtMs: againAt }
}

function wishOf(scene: OrderScene, found: OrderingIssuer): Wish {
  const { names, held, certificate } = scene
  const { profile, preferredChain } = found
  // Only what this issuer gave counts as replaced by it.
  const before = certificate === undefined ? undefined : held?.certificate
  return {
    names,
    profile,
    preferredChain,
    replaces: before && certificateId(before),
    lifeMs: before && before.notAfter - before.notBefore,
    occasion: occasionOf(scene, found),
  }
}

/** What people did last: to the issuer and the Secrets of its solvers, or by their word to renew. */
function occasionOf({ cluster }: OrderScene, { occasion }: OrderingIssuer): string {
  const asked = cluster.metadata.annotations?.[annotation.renew]
  return createHash('sha256')
    .update(JSON.stringify([occasion, asked]))
    .digest('hex')
}

function meansOf({ names }: OrderScene, keys: KeyPair, { found, means }: Ordering): Means {
  const { clock, random } = means
  return {
    api: found.api,
    solverFor: found.solverFor,
    csr: () => certificateRequest(names, keys),
    accept: (chain) =>
      refusedFor(chain, { names, keyPin: pinOf(keys.privateKey), nowMs: clock.now() }),
    now: clock.now,
    random,
    limiter: found.limiter,
  }
}

/** One order a name at a time over all clusters of a namespace: also those that were begun before this process. */
function hindranceOf(
  { cluster, names, order }: OrderScene,
  { cache, orderedNames }: OrderMeans,
): { readonly reason: string; readonly message: string } | undefined {
  if (!isPublic(cluster))
    return {
      reason: 'NoPublicName',
      message: 'A CA signs names of the world: declare spec.exposure.host or spec.tls.dnsNames',
    }
  const { namespace = '' } = cluster.metadata
  const key = keyOf(cluster)
  const claimed = orderedNames.claim(
    key,
    names.map((name) => `${namespace}/${name}`),
  )
  const other = order?.orderUrl === undefined ? (claimed ?? begun(cluster, cache)) : undefined
  if (other === undefined) return undefined
  if (claimed === undefined) orderedNames.release(key)
  return {
    reason: 'NameIsBeingOrdered',
    message: `Strongroom "${other}" orders a certificate for the same name: this one waits for it`,
  }
}

function begun(cluster: Strongroom, cache: OrderMeans['cache']): string | undefined {
  const wanted = new Set(publicNames(cluster))
  const others = cache.list<Strongroom>(strongrooms, cluster.metadata.namespace)
  const other = others.find(
    (each) =>
      each.metadata.name !== cluster.metadata.name &&
      each.status?.order?.orderUrl !== undefined &&
      publicNames(each).some((name) => wanted.has(name)),
  )
  return other && keyOf(other)
}

function isPublic({ spec }: Strongroom): boolean {
  return spec.exposure !== undefined || (spec.tls?.dnsNames?.length ?? 0) > 0
}

async function reportProblem(
  { order: before, cluster, issuer }: OrderScene,
  { problem, attempts }: Advanced['state'],
  { report, issuance }: OrderMeans,
): Promise<void> {
  if (attempts > (before?.attempts ?? 0)) issuance?.('failed')
  if (problem === undefined || isDeepStrictEqual(before?.problem, problem)) return
  if (problem.type === rateLimited) issuance?.('rate-limited')
  const note = `${issuer}: ${inWords(problem)}`.slice(0, 1000)
  await report(cluster, { reason: 'OrderFailing', note }, 'Warning')
}

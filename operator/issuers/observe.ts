/** Everything that the decision about one StrongroomIssuer needs, but what its CA says: that is asked only when it is time. */

import { createHash } from 'node:crypto'
import { certManagerIssuer } from '#operator/api/common.ts'
import {
  type AcmeIssuerSpec,
  type StrongroomIssuer,
  strongroomIssuers,
} from '#operator/api/issuer.ts'
import { names } from '#operator/api/names.ts'
import { type Strongroom, strongrooms } from '#operator/api/strongroom.ts'
import type { Cache } from '#operator/kube/cache.ts'
import { refOfKey } from '#operator/kube/key.ts'
import { secrets } from '#operator/kube/kinds.ts'
import type { Kube } from '#operator/kube/kube.ts'
import { isOwn } from '#operator/kube/ownership.ts'
import { type Secret, secretText } from '#operator/kube/secret.ts'
import { UserSecrets } from '#operator/kube/user-secrets.ts'
import type { Clock } from '#shared/clock.ts'
import { type AccountKey, readAccountKey } from './account-key.ts'
import { type Authority, accountSecret, authorityOf, signingSecret } from './sign.ts'
import { secretsOfSolvers, solverTrouble } from './solvers.ts'

export interface Observed {
  readonly nowMs: number
  readonly resource: StrongroomIssuer
  /** What a `ca` issuer signs with; nothing for another. */
  readonly authority: Authority | undefined
  /** The account key of an `acme` issuer. */
  readonly account: AccountKey
  readonly accountSecret: Secret | undefined
  /** It was made for this issuer, so its key may be replaced. */
  readonly isAccountOurs: boolean
  /** Why a Secret that the issuer names may not be used. */
  readonly secretRefused: string | undefined
  /** The next account key, from before the CA knows it until it is in use. */
  readonly staged: AccountKey
  readonly stagedSecret: Secret | undefined
  readonly isStagedOurs: boolean
  readonly binding: Binding
  /** The first thing that a solver lacks, in words. */
  readonly solverTrouble: string | undefined
  /** An order of a Strongroom was refused because of the account. */
  readonly isDoubted: boolean
  /** A digest of all that was looked at: another one is worth asking the CA again. */
  readonly inputs: string
}

/** What binds the account to one at the CA's own customers. */
export type Binding =
  | { readonly kind: 'none' }
  | { readonly kind: 'usable'; readonly keyId: string; readonly key: Buffer }
  | { readonly kind: 'missing'; readonly message: string }

export interface ObserveMeans {
  readonly kube: Kube
  readonly cache: Cache
  readonly clock: Clock
  readonly secretOptIn?: boolean | undefined
}

/** Nothing where the resource is gone. */
export async function observe(
  key: string,
  { kube, cache, clock, secretOptIn }: ObserveMeans,
): Promise<Observed | undefined> {
  const { name, namespace } = refOfKey(key)
  const resource = cache.get<StrongroomIssuer>(strongroomIssuers, { name, namespace })
  if (resource === undefined) return undefined
  const found = new Map<string, Secret>()
  const users = new UserSecrets({ kube, secretOptIn }, resource)
  const next = names.nextIssuerAccount(name)
  const staged = await kube.get<Secret>(secrets, { name: next, namespace })
  if (staged !== undefined) found.set(next, staged)
  for (const secretName of secretsOf(resource)) {
    const secret = await users.read(secretName)
    if (secret !== undefined) found.set(secretName, secret)
  }
  const orders = cache.list<Strongroom>(strongrooms, namespace)
  const isDoubted = orders.some((cluster) => doubtedIssuer(cluster) === name)
  return { ...observedOf(resource, found, clock), isDoubted, secretRefused: users.refusal }
}

/** Name of the issuer whose account the CA does not take for an order of this Strongroom. */
export function doubtedIssuer({ spec, status }: Strongroom): string | undefined {
  const { issuerRef } = spec.tls?.server ?? {}
  const problem = status?.order?.problem
  if (issuerRef === undefined || certManagerIssuer(issuerRef) !== undefined) return undefined
  if (problem === undefined || problem.name !== undefined) return undefined
  return ['accountDoesNotExist', 'unauthorized'].includes(problem.type) ? issuerRef.name : undefined
}

/** Names of the Secrets that the issuer depends on. */
export function secretsOf(resource: StrongroomIssuer): readonly string[] {
  const { acme } = resource.spec
  const binding = acme?.externalAccountBinding?.keySecretRef.name
  const signing = signingSecret(resource)
  return [
    ...(acme === undefined ? [] : [accountSecret(resource)]),
    ...(binding === undefined ? [] : [binding]),
    ...(signing === undefined ? [] : [signing]),
    ...secretsOfSolvers(resource),
  ]
}

function observedOf(
  resource: StrongroomIssuer,
  found: ReadonlyMap<string, Secret>,
  clock: Clock,
): Omit<Observed, 'isDoubted' | 'secretRefused'> {
  const nowMs = clock.now()
  const keySecret = accountSecret(resource)
  const nextSecret = names.nextIssuerAccount(resource.metadata.name)
  const staged = found.get(nextSecret)
  const signing = signingSecret(resource)
  return {
    nowMs,
    resource,
    authority: signing === undefined ? undefined : authorityOf(resource, found.get(signing), nowMs),
    account: readAccountKey(found.get(keySecret), keySecret),
    accountSecret: found.get(keySecret),
    isAccountOurs: isOwn(found.get(keySecret), resource),
    staged: readAccountKey(staged, nextSecret),
    stagedSecret: staged,
    isStagedOurs: isOwn(staged, resource),
    binding: bindingOf(resource.spec.acme, found),
    solverTrouble: solverTrouble(resource, found, { clock }),
    inputs: digestOf(resource, found),
  }
}

function bindingOf(acme: AcmeIssuerSpec | undefined, found: ReadonlyMap<string, Secret>): Binding {
  if (acme?.externalAccountBinding === undefined) return { kind: 'none' }
  const { keyId, keySecretRef } = acme.externalAccountBinding
  const text = secretText(found.get(keySecretRef.name), keySecretRef.key).trim()
  if (/^[\w+/-]+={0,2}$/.test(text))
    return { kind: 'usable', keyId, key: Buffer.from(text, 'base64url') }
  const message = `Secret "${keySecretRef.name}" does not hold the key of the external account under "${keySecretRef.key}", as base64url`
  return { kind: 'missing', message }
}

/** Of versions, not of what is secret. */
function digestOf(
  { metadata, spec }: StrongroomIssuer,
  found: ReadonlyMap<string, Secret>,
): string {
  const versions = [...found].map(([name, secret]) => [name, secret.metadata.resourceVersion])
  const text = JSON.stringify([spec, metadata.annotations ?? {}, versions])
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

/**
 * Observed → Decision: an ordered list of checks, the first that fires decides. Pure.
 *
 * A key of an account is replaced in steps: the next key into a Secret of its own → the CA told → into the Secret in use → the
 * staged one dropped. A crash between two steps repeats the second.
 */
import { type Halt, misfitHalt, stall, undecided, wait } from '#operator/access/halts.ts'
import { type IssuerAccount, strongroomIssuers } from '#operator/api/issuer.ts'
import { annotation } from '#operator/kube/labels.ts'
import { secretNotAllowed } from '#operator/kube/user-secrets.ts'
import { accountCheckMs, accountDoubtMs } from '#operator/limits.ts'
import { type Check, firstFinding } from '#shared/checks.ts'
import type { Question } from './ask.ts'
import type { Observed } from './observe.ts'

export type Decision =
  | Halt
  /** The first account key. */
  | { readonly kind: 'make-key' }
  | { readonly kind: 'ask'; readonly question: Question }
  | { readonly kind: 'stage-key'; readonly value: string }
  /** Drops the staged key; `value`: it is in use, and the annotation's wish fulfilled. */
  | { readonly kind: 'unstage'; readonly value?: string }
  /** The CA was asked and is asked again then; what was found stands. */
  | { readonly kind: 'later'; readonly againAtMs: number }
  | { readonly kind: 'ready'; readonly againAtMs: number }

export const checks: readonly Check<Observed, Decision>[] = [
  doesNotFitSchema,
  isNotExactlyOne,
  secretIsRefused,
  authorityIsUnusable,
  authorityIsReady,
  keyIsDamaged,
  keyIsMissing,
  bindingIsMissing,
  isNotTimeYet,
  stagedIsNotOurs,
  stagedIsDamaged,
  stagedIsInUse,
  stagedIsForNoAccount,
  keyMayNotBeReplaced,
  stagedMustBeAccepted,
  isNotRegistered,
  contactDiffers,
  keyMustBeReplaced,
  checkIsDue,
  solverLacksSomething,
  isReady,
]

export function decide(observed: Observed): Decision {
  return firstFinding(checks, observed) ?? undecided
}

/** The account at the CA that the issuer names now. */
export function knownAccount({ resource }: Observed): IssuerAccount | undefined {
  const { account } = resource.status ?? {}
  return account?.server === resource.spec.acme?.server ? account : undefined
}

function doesNotFitSchema({ resource }: Observed): Decision | undefined {
  return misfitHalt(strongroomIssuers, resource)
}

function isNotExactlyOne({ resource: { spec } }: Observed): Decision | undefined {
  return (spec.acme === undefined) === (spec.ca === undefined)
    ? stall('InvalidSpec', 'An issuer is exactly one of acme and ca')
    : undefined
}

function authorityIsUnusable({ authority }: Observed): Decision | undefined {
  if (authority?.kind !== 'unusable') return undefined
  const { reason, message } = authority
  return reason === 'NotYetValid' ? wait(reason, message) : stall(reason, message)
}

function authorityIsReady({ authority }: Observed): Decision | undefined {
  if (authority?.kind !== 'usable') return undefined
  return { kind: 'ready', againAtMs: authority.certificate.notAfter }
}

/** Before anything is made of what seems to be missing. */
function secretIsRefused({ secretRefused }: Observed): Decision | undefined {
  return secretRefused === undefined ? undefined : stall(secretNotAllowed, secretRefused)
}

/** Before the CA is told: the new key would have to take the place of something in a Secret that is not ours. */
function keyMayNotBeReplaced(observed: Observed): Decision | undefined {
  const { staged, account, isAccountOurs } = observed
  if (isAccountOurs || account.kind !== 'usable') return undefined
  if (staged.kind !== 'usable' && keyMustBeReplaced(observed) === undefined) return undefined
  return stall(
    'SecretOwnedByOther',
    `Secret "${account.secretName}" was not made for this resource, so its key is not replaced: take the annotation ${annotation.rollOverAccountKey} off, and put another key there yourself`,
  )
}

function keyIsDamaged({ account }: Observed): Decision | undefined {
  if (account.kind !== 'damaged') return undefined
  return stall(
    'AccountKeyDamaged',
    `${account.message}. It is never overwritten: mend it, or delete this issuer and the Secret and make the issuer again for a new account`,
  )
}

function keyIsMissing({ account, resource }: Observed): Decision | undefined {
  if (account.kind !== 'missing') return undefined
  const before = resource.status?.account
  if (before === undefined) return { kind: 'make-key' }
  return stall(
    'AccountKeyMissing',
    `Secret "${account.secretName}" with the key of account ${before.url} is gone: put it back, or delete this issuer and make it again for a new account`,
  )
}

function bindingIsMissing({ binding }: Observed): Decision | undefined {
  return binding.kind === 'missing' ? stall('SecretMissing', binding.message) : undefined
}

function isNotTimeYet({ resource, inputs, nowMs }: Observed): Decision | undefined {
  const { retry } = resource.status ?? {}
  if (retry === undefined || retry.inputs !== inputs) return undefined
  const againAtMs = Date.parse(retry.againAt)
  return againAtMs > nowMs ? { kind: 'later', againAtMs } : undefined
}

function stagedIsNotOurs({ staged, isStagedOurs }: Observed): Decision | undefined {
  if (staged.kind === 'missing' || isStagedOurs) return undefined
  return stall(
    'SecretOwnedByOther',
    `Secret "${staged.secretName}", in which the next account key is kept, exists and was not made for this resource: rename or delete it`,
  )
}

/** The CA may know it already. */
function stagedIsDamaged({ staged }: Observed): Decision | undefined {
  if (staged.kind !== 'damaged') return undefined
  return stall(
    'AccountKeyDamaged',
    `${staged.message}. Mend it, or delete it if the CA never knew it`,
  )
}

function stagedIsInUse({ account, staged, stagedSecret }: Observed): Decision | undefined {
  if (account.kind !== 'usable' || staged.kind !== 'usable') return undefined
  if (account.thumbprint !== staged.thumbprint) return undefined
  const value = stagedSecret?.metadata.annotations?.[annotation.rollOverAccountKey]
  return { kind: 'unstage', ...(value === undefined ? {} : { value }) }
}

function stagedIsForNoAccount(observed: Observed): Decision | undefined {
  if (observed.staged.kind !== 'usable') return undefined
  return knownAccount(observed) === undefined ? { kind: 'unstage' } : undefined
}

function stagedMustBeAccepted({ staged }: Observed): Decision | undefined {
  return staged.kind === 'usable' ? { kind: 'ask', question: 'roll-over' } : undefined
}

function isNotRegistered(observed: Observed): Decision | undefined {
  const { account } = observed
  if (account.kind !== 'usable') return undefined
  return knownAccount(observed)?.keyThumbprint === account.thumbprint
    ? undefined
    : { kind: 'ask', question: 'register' }
}

function contactDiffers(observed: Observed): Decision | undefined {
  return knownAccount(observed)?.email === observed.resource.spec.acme?.email
    ? undefined
    : { kind: 'ask', question: 'contact' }
}

function keyMustBeReplaced(observed: Observed): Decision | undefined {
  const value = observed.resource.metadata.annotations?.[annotation.rollOverAccountKey]
  if (value === undefined || value === '' || value === knownAccount(observed)?.rolledOver)
    return undefined
  if (value.length > valueMax)
    return stall(
      'InvalidAnnotation',
      `${annotation.rollOverAccountKey} has ${value.length} characters: at most ${valueMax}`,
    )
  return { kind: 'stage-key', value }
}

function checkIsDue(observed: Observed): Decision | undefined {
  const { resource, nowMs } = observed
  const isChanged = resource.status?.observedGeneration !== resource.metadata.generation
  const isAgain = resource.status?.retry !== undefined
  const isDoubted = observed.isDoubted && nextCheckMs(observed, accountDoubtMs) <= nowMs
  return isChanged || isAgain || isDoubted || nextCheckMs(observed) <= nowMs
    ? { kind: 'ask', question: 'check' }
    : undefined
}

function solverLacksSomething({ solverTrouble }: Observed): Decision | undefined {
  return solverTrouble === undefined ? undefined : stall('SecretMissing', solverTrouble)
}

function isReady(observed: Observed): Decision | undefined {
  return {
    kind: 'ready',
    againAtMs: nextCheckMs(observed, observed.isDoubted ? accountDoubtMs : accountCheckMs),
  }
}

function nextCheckMs(observed: Observed, everyMs: number = accountCheckMs): number {
  const checkedAt = knownAccount(observed)?.checkedAt
  return checkedAt === undefined ? 0 : Date.parse(checkedAt) + everyMs
}

/** As in the schema of `status.account.rolledOver`. */
const valueMax = 253

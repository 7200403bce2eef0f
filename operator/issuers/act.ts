/** Carries a decision out. Decides nothing; each may be repeated. */
import { names } from '#operator/api/names.ts'
import { secrets } from '#operator/kube/kinds.ts'
import type { Kube } from '#operator/kube/kube.ts'
import { createOwn, deleteOwn, patchOwn } from '#operator/kube/owned-writes.ts'
import type { Deed } from '#operator/kube/status.ts'
import { makeKeyPair } from '#shared/pki/issue.ts'
import { accountKeyData, accountKeySecret } from './account-key.ts'
import type { Answer } from './ask.ts'
import type { Observed } from './observe.ts'
import type { Decision } from './plan.ts'

/** @param answer of the CA, where the decision was to ask */
export async function act(
  kube: Kube,
  observed: Observed,
  { decision, answer }: { readonly decision: Decision; readonly answer: Answer | undefined },
): Promise<Deed | undefined> {
  switch (decision.kind) {
    case 'make-key':
      return makeKey(kube, observed)
    case 'stage-key':
      return stageKey(kube, observed, decision.value)
    case 'unstage':
      return unstage(kube, observed)
    case 'ask':
      if (answer?.kind !== 'account') return undefined
      return decision.question === 'roll-over'
        ? swapKey(kube, observed)
        : deedOf(decision.question, answer)
    case 'wait':
    case 'stalled':
    case 'later':
    case 'ready':
      return undefined
    default:
      return decision satisfies never
  }
}

async function makeKey(kube: Kube, observed: Observed): Promise<Deed | undefined> {
  const name = observed.account.secretName
  const { privateKey: key } = await makeKeyPair('p-256')
  const writing = { kube, owner: observed.resource }
  const secret = accountKeySecret(observed.resource, { name, key })
  if ((await createOwn(writing, secrets, secret)) === undefined) return undefined
  return { reason: 'AccountKeyMade', note: `Made the account's key in Secret "${name}": keep it` }
}

async function stageKey(
  kube: Kube,
  { resource }: Observed,
  rollOver: string,
): Promise<Deed | undefined> {
  const name = names.nextIssuerAccount(resource.metadata.name)
  const { privateKey: key } = await makeKeyPair('p-256')
  const secret = accountKeySecret(resource, { name, key, rollOver })
  await createOwn({ kube, owner: resource }, secrets, secret)
  return undefined
}

/** Only into the very Secret that was seen, and was made for this issuer: the key in it opens the account no more. */
async function swapKey(
  kube: Kube,
  { resource, accountSecret, staged }: Observed,
): Promise<Deed | undefined> {
  if (accountSecret === undefined || staged.kind !== 'usable') return undefined
  const { name } = accountSecret.metadata
  const patch = { data: accountKeyData(staged.key) }
  await patchOwn({ kube, owner: resource }, { kind: secrets, object: accountSecret }, patch)
  return {
    reason: 'AccountKeyReplaced',
    note: `The CA knows the account by a new key, which is in Secret "${name}"`,
  }
}

async function unstage(kube: Kube, { resource, stagedSecret }: Observed): Promise<undefined> {
  if (stagedSecret !== undefined) await deleteOwn({ kube, owner: resource }, secrets, stagedSecret)
}

function deedOf(
  question: 'register' | 'contact' | 'check',
  { account, created: isNew }: Extract<Answer, { kind: 'account' }>,
): Deed | undefined {
  if (question === 'check') return undefined
  if (question === 'contact')
    return { reason: 'ContactChanged', note: `Told the CA the contact of account ${account.url}` }
  return isNew
    ? { reason: 'AccountRegistered', note: `Registered account ${account.url} at the CA` }
    : { reason: 'AccountFound', note: `The CA knows the key already: account ${account.url}` }
}

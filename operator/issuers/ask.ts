/** Asks the CA about an issuer's account: a few exchanges, each of which may be repeated by whoever was killed in between. */
import type { KeyObject } from 'node:crypto'
import { stall } from '#operator/access/halts.ts'
import type { AcmeIssuerSpec, IssuerAccount } from '#operator/api/issuer.ts'
import type { Account, AcmeAccess, AcmeApi, Directory } from '#shared/acme/acme-api.ts'
import { AcmeProblem } from '#shared/acme/problem.ts'
import type { Observed } from './observe.ts'
import { IssuerTrouble, type Trouble, troubleOf, wordsOf } from './trouble.ts'

/** What is to be found out, or to be told. */
export type Question = 'register' | 'contact' | 'check' | 'roll-over'

export type Answer =
  | { readonly kind: 'account'; readonly account: IssuerAccount; readonly created: boolean }
  | ({ readonly kind: 'trouble' } & Trouble)

/** An API for one account key, made by `httpsAcme()`; closed after use. */
export type Connect = (
  access: Pick<AcmeAccess, 'directoryUrl' | 'accountKey' | 'accountUrl' | 'trust'>,
) => AcmeApi

/** Throws only where the fault is ours. */
export async function ask(
  question: Question,
  observed: Observed,
  connect: Connect,
): Promise<Answer> {
  const { acme } = observed.resource.spec
  if (acme === undefined || observed.account.kind !== 'usable')
    throw new TypeError('Only an acme issuer with a key has an account')
  const { account, staged } = observed
  await using talk = talkOf(acme, observed, connect)
  try {
    demandProfile(acme, await directoryOf(talk.with(account.key)))
    if (question === 'register') return await register(talk, { acme, observed, key: account.key })
    if (question === 'roll-over' && staged.kind === 'usable') {
      const said = await rollOver(talk, account.key, staged.key)
      const keyThumbprint = staged.thumbprint
      return {
        kind: 'account',
        created: false,
        account: { ...recorded(observed, said), keyThumbprint },
      }
    }
    return await look(talk, { acme, observed, key: account.key, question })
  } catch (error) {
    return { kind: 'trouble', ...named(error) }
  }
}

interface Talk extends AsyncDisposable {
  /** Speaks with that key. */
  with(key: KeyObject): AcmeApi
}

function talkOf(acme: AcmeIssuerSpec, { resource }: Observed, connect: Connect): Talk {
  const opened = new Map<KeyObject, AcmeApi>()
  const known = resource.status?.account
  const accountUrl = known?.server === acme.server ? known.url : undefined
  return {
    with: (key) => {
      const api =
        opened.get(key) ??
        connect({ directoryUrl: acme.server, accountKey: key, accountUrl, trust: acme.caBundle })
      opened.set(key, api)
      return api
    },
    [Symbol.asyncDispose]: async () => {
      for (const api of opened.values()) api.close()
    },
  }
}

async function register(talk: Talk, { acme, observed, key }: Asking): Promise<Answer> {
  const api = talk.with(key)
  const found = await existing(api)
  if (found !== undefined) {
    demandValid(found)
    return { kind: 'account', created: false, account: recorded(observed, found) }
  }
  const before = observed.resource.status?.account
  if (before?.server === acme.server && before.keyThumbprint !== api.thumbprint)
    throw unknownKey(observed, before.url)
  const { binding } = observed
  const { externalAccountRequired } = await api.directory()
  if (externalAccountRequired && binding.kind !== 'usable') throw bindingNeeded()
  const made = await api
    .newAccount({
      contact: contactOf(acme),
      externalAccount: binding.kind === 'usable' ? binding : undefined,
    })
    .catch((error: unknown) => {
      throw binding.kind === 'usable' && isAboutBinding(error) ? bindingRefused(error) : error
    })
  demandValid(made)
  return {
    kind: 'account',
    created: true,
    account: { ...recorded(observed, made), ...emailOf(acme) },
  }
}

interface Asking {
  readonly acme: AcmeIssuerSpec
  readonly observed: Observed
  readonly key: KeyObject
}

/** A CA that lost its accounts gets this one again, with the same key. */
async function look(talk: Talk, asking: Asking & { readonly question: Question }): Promise<Answer> {
  const { acme, observed, key, question } = asking
  const api = talk.with(key)
  const isNews = question === 'contact'
  try {
    const said = isNews ? await api.changeContact(contactOf(acme)) : await api.account()
    demandValid(said)
    const told = isNews ? emailOf(acme) : {}
    const { email: _, ...known } = recorded(observed, said)
    const account = isNews ? { ...known, ...told } : recorded(observed, said)
    return { kind: 'account', created: false, account }
  } catch (error) {
    if (!isUnknown(error)) throw error
    return register(talk, asking)
  }
}

/** Whoever was killed after the CA had changed the key finds that the next one opens the account. */
async function rollOver(talk: Talk, key: KeyObject, next: KeyObject): Promise<Account> {
  const found = await existing(talk.with(next))
  if (found !== undefined) return found
  const api = talk.with(key)
  const account = await api.account()
  demandValid(account)
  await api.changeKey(next)
  return account
}

async function existing(api: AcmeApi): Promise<Account | undefined> {
  try {
    return await api.newAccount({ onlyReturnExisting: true })
  } catch (error) {
    if (isUnknown(error)) return undefined
    throw error
  }
}

function isUnknown(error: unknown): boolean {
  return error instanceof AcmeProblem && error.type === 'accountDoesNotExist'
}

/** Whatever a wrong address answers, it is no directory. */
async function directoryOf(api: AcmeApi): Promise<Directory> {
  try {
    return await api.directory()
  } catch (error) {
    if (!(error instanceof AcmeProblem) || error.status >= 500 || error.status === 429) throw error
    throw new IssuerTrouble(stall('DirectoryUnreachable', wordsOf(error)))
  }
}

function demandProfile({ profile }: AcmeIssuerSpec, { profiles = {} }: Directory): void {
  if (profile === undefined || Object.hasOwn(profiles, profile)) return
  const known = Object.keys(profiles).slice(0, 16).join(', ')
  const offer = known === '' ? 'offers none' : `offers ${known.slice(0, 512)}`
  throw new IssuerTrouble(
    stall('ProfileUnknown', `The CA has no profile "${profile}": it ${offer}`),
  )
}

function demandValid({ status, url }: Account): void {
  if (status === 'valid') return
  throw new IssuerTrouble(
    stall(
      'AccountDeactivated',
      `The account ${url} is ${status} for ever: delete this issuer and the Secret with its key, and make it again for a new account`,
    ),
  )
}

function named(error: unknown): Trouble {
  if (error instanceof AcmeProblem && isRefusal(error))
    return {
      halt: stall('AccountDeactivated', `The account is not valid any more. ${wordsOf(error)}`),
    }
  return troubleOf(error)
}

function isRefusal(error: unknown): error is AcmeProblem {
  return error instanceof AcmeProblem && error.type === 'unauthorized'
}

/** CAs differ in what they call it: whatever is refused and has no other name. */
function isAboutBinding(error: unknown): error is AcmeProblem {
  return (
    error instanceof AcmeProblem &&
    ['unauthorized', 'malformed', 'externalAccountRequired'].includes(error.type)
  )
}

function bindingNeeded(): IssuerTrouble {
  return new IssuerTrouble(
    stall(
      'ExternalAccountRequired',
      'The CA takes only customers of its own: name what it gave out in spec.acme.externalAccountBinding',
    ),
  )
}

function bindingRefused(error: AcmeProblem): IssuerTrouble {
  return new IssuerTrouble(stall('ExternalAccountRefused', wordsOf(error)))
}

function unknownKey({ account }: Observed, url: string): IssuerTrouble {
  return new IssuerTrouble(
    stall(
      'AccountKeyUnknown',
      `The key in Secret "${account.secretName}" is not the one of account ${url}: put that one back`,
    ),
  )
}

function contactOf({ email }: AcmeIssuerSpec): readonly string[] {
  return email === undefined ? [] : [`mailto:${email}`]
}

function emailOf({ email }: AcmeIssuerSpec): Pick<IssuerAccount, 'email'> {
  return email === undefined ? {} : { email }
}

function recorded({ resource, account, nowMs }: Observed, { url }: Account): IssuerAccount {
  const server = resource.spec.acme?.server ?? ''
  const before = resource.status?.account
  const { email, rolledOver } = before?.url === url ? before : {}
  return {
    url,
    server,
    keyThumbprint: account.kind === 'usable' ? account.thumbprint : '',
    checkedAt: new Date(nowMs).toISOString(),
    ...(email === undefined ? {} : { email }),
    ...(rolledOver === undefined ? {} : { rolledOver }),
  }
}

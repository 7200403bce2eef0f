/** Orders at the lab's CA by the real step: each state passes through JSON, as through a status, and long waits are skipped. */
import { setTimeout as sleep } from 'node:timers/promises'
import { refusedFor } from '#shared/acme/accept.ts'
import type { AcmeAccess, AcmeApi, WantedAccount } from '#shared/acme/acme-api.ts'
import { advance } from '#shared/acme/advance.ts'
import type { Advanced, Means, Wish } from '#shared/acme/advance.types.ts'
import { dnsSolver } from '#shared/acme/dns/dns-solver.ts'
import { httpsAcme } from '#shared/acme/https-acme.ts'
import { type OrderState, orderState } from '#shared/acme/order-state.ts'
import type { Solver } from '#shared/acme/solver.ts'
import { systemClock } from '#shared/clock.ts'
import { jsonShape } from '#shared/contract/json.ts'
import { pinOf, readCertificates } from '#shared/pki/certificate.ts'
import { type KeyPair, makeKeyPair } from '#shared/pki/issue.ts'
import { certificateRequest } from '#shared/pki/request.ts'
import type { AcmeLab } from './acme-lab.ts'
import type { Http01Server } from './http01-server.ts'

/** Longer ones are skipped: the order's clock is moved instead. */
const sleepMaxMs = 1100
const actsMax = 200
const shape = jsonShape(orderState)

/** With an account of its own. Close it. */
export async function labAccount(
  lab: Pick<AcmeLab, 'directoryUrl' | 'trust'>,
  wanted: WantedAccount & Partial<AcmeAccess> = {},
): Promise<AcmeApi & Disposable> {
  const { directoryUrl, trust } = lab
  const { contact, externalAccount, onlyReturnExisting: _, ...access } = wanted
  const accountKey = access.accountKey ?? (await makeKeyPair('p-256')).privateKey
  const api = httpsAcme({ directoryUrl, trust, accountKey, now: Date.now, ...access })
  await api.newAccount({ ...(contact && { contact }), externalAccount })
  return Object.assign(api, { [Symbol.dispose]: () => api.close() })
}

export function http01Solver({ answers }: Pick<Http01Server, 'answers'>): Solver {
  return {
    type: 'http-01',
    label: 'test',
    present: async ({ token, keyAuthorization }) => void answers.set(token, keyAuthorization),
    check: async () => undefined,
    cleanUp: async ({ token }) => void answers.delete(token),
  }
}

/** Writes into the lab's zones, and looks at their server alone. */
export function dns01Solver({ dns }: Pick<AcmeLab, 'dns'>): Solver {
  const rfc2136 = {
    server: dns.address,
    tsigKeyName: dns.tsigKey.name,
    tsigAlgorithm: 'hmac-sha256',
  } as const
  return dnsSolver(
    { rfc2136, nameservers: [dns.address] },
    { tsigSecret: dns.tsigKey.secret },
    { clock: systemClock, authoritativePort: dns.port },
  )
}

export interface OrderRun {
  readonly api: AcmeApi
  readonly wish: Wish
  readonly solvers: readonly Solver[]
  /** The key that waits; a new one where left out. */
  readonly keys?: KeyPair
  readonly given?: OrderState | undefined
  /** Goes no further where it says so. */
  readonly stop?: (advanced: Advanced) => boolean
  /** The act was done, but what came of it is never written down. */
  readonly kill?: (index: number, act: string) => boolean
}

export interface OrderEnd {
  readonly acts: readonly string[]
  readonly state: OrderState | undefined
  /** PEM. */
  readonly issued: string | undefined
  /** Waits that were asked for, in milliseconds, by the act before. */
  readonly waits: readonly (readonly [act: string, ms: number])[]
  /** What stood in the way, each once: `name: detail`. */
  readonly problems: readonly string[]
}

export async function runOrder(run: OrderRun): Promise<OrderEnd> {
  const { wish, stop = () => false, kill = () => false } = run
  const keys = run.keys ?? (await makeKeyPair('p-256'))
  const clock = { aheadMs: 0 }
  const means = meansOf(run, keys, clock)
  const acts: string[] = []
  const waits: [string, number][] = []
  const problems = new Set<string>()
  let state = run.given
  let issued: string | undefined
  while (acts.length < actsMax && issued === undefined) {
    const advanced = await advance(state, wish, means)
    acts.push(advanced.act)
    if (kill(acts.length - 1, advanced.act)) continue
    state = shape.read(JSON.stringify(advanced.state))
    issued = advanced.issued
    const { problem } = advanced.state
    if (problem !== undefined) problems.add(`${problem.name}: ${problem.detail}`)
    const waitMs = advanced.againAt - means.now()
    if (waitMs > 0) waits.push([advanced.act, waitMs])
    if (stop(advanced)) break
    if (issued === undefined) await pass(waitMs, clock)
  }
  return { acts, state, issued, waits, problems: [...problems] }
}

async function pass(waitMs: number, clock: { aheadMs: number }): Promise<void> {
  if (waitMs <= 0) return
  if (waitMs <= sleepMaxMs) return sleep(waitMs + 1)
  clock.aheadMs += waitMs
}

function meansOf(
  { api, wish, solvers }: OrderRun,
  keys: KeyPair,
  clock: { aheadMs: number },
): Means {
  const { names } = wish
  const now = () => Date.now() + clock.aheadMs
  return {
    api,
    solverFor: (_name, offered) => solvers.find(({ type }) => offered.includes(type)),
    csr: () => certificateRequest(names, keys),
    accept: (chain) =>
      refusedFor(chain, { names, keyPin: pinOf(keys.publicKey), nowMs: Date.now() }),
    now,
    random: () => 0.5,
  }
}

/** Names, serial and life of a chain's leaf. */
export function leafOf(chain: string | undefined) {
  const [leaf] = readCertificates(Buffer.from(chain ?? ''))
  if (leaf === undefined) throw new Error('nothing was issued')
  return leaf
}

/** A CA in memory for the unit tests of an order: the port without HTTPS, keys and chains. Real ones are in test/flows. */
import type {
  AcmeOrders,
  Authorization,
  NewOrder,
  OfferedChallenge,
  Order,
} from '#shared/acme/acme-api.ts'
import type { Means, Wish } from '#shared/acme/advance.types.ts'
import { HttpsFailure } from '#shared/acme/https.ts'
import { AcmeProblem, type Refusal } from '#shared/acme/problem.ts'
import type { Challenge, Solver } from '#shared/acme/solver.ts'

/** What the next exchange meets instead of its answer; `lost`: the CA does it, but its answer never comes. */
export type Fault = Partial<Refusal> | 'broken' | 'lost'

interface KeptOrder {
  readonly names: readonly string[]
  readonly replaces: string | undefined
  status: Order['status']
  finalized: boolean
  csr?: Uint8Array
}

export class FakeCa implements AcmeOrders {
  readonly directoryUrl = 'https://ca.test/directory'
  /** Of the account key, which may be replaced. */
  thumbprint = 'thumbprint'
  /** Every exchange, e.g. `new-order`. */
  readonly calls: string[] = []
  readonly orders = new Map<string, KeptOrder>()
  readonly answered = new Set<string>()
  /** Names whose validation fails, with the words of the CA. */
  readonly failing = new Map<string, string>()
  readonly faults: Fault[] = []
  readonly offered = ['http-01', 'dns-01', 'tls-alpn-01', 'dns-persist-01']
  readonly now: () => number
  replacesIsRefused = false
  /** The account proved every name before: an order is ready at once. */
  isAuthorized = false
  /** Nobody answers. */
  isAway = false
  /** What is given out for an order. */
  chain: (names: readonly string[], csr: Uint8Array) => Promise<string> = async () => 'chain'
  /** Looks at an authorization, or an order, until it is decided. */
  looks = 1
  #looked = new Map<string, number>()

  constructor(now: () => number) {
    this.now = now
  }

  newOrder({ names, replaces }: NewOrder): Promise<Order> {
    return this.#exchange('new-order', () => {
      if (this.replacesIsRefused && replaces !== undefined)
        throw refused({ status: 409, type: 'alreadyReplaced' })
      const url = `https://ca.test/order/${this.orders.size + 1}`
      this.orders.set(url, { names, replaces, status: 'pending', finalized: false })
      return this.#order(url)
    })
  }

  order(url: string): Promise<Order> {
    return this.#exchange('order', () => {
      const order = this.#kept(url)
      if (order.status === 'processing' && this.#isDecided(url)) order.status = 'valid'
      return this.#order(url)
    })
  }

  authorization(url: string): Promise<Authorization> {
    return this.#exchange('authorization', () => {
      const name = decodeURIComponent(url.split('/').at(-1) ?? '')
      const isDecided = this.answered.has(url) && this.#isDecided(url)
      const words = isDecided ? this.failing.get(name) : undefined
      const status: 'pending' | 'valid' | 'invalid' = !isDecided
        ? 'pending'
        : words === undefined
          ? 'valid'
          : 'invalid'
      const offered = name.startsWith('*.') ? ['dns-01'] : this.offered
      const challenges: OfferedChallenge[] = offered.map((type) => ({
        type,
        url: `${url}#${type}`,
        token: `token-${name.replaceAll(/\W/g, '-')}`,
        status,
        ...(words !== undefined && type === 'dns-01'
          ? { problem: { type: 'unauthorized', detail: words, subproblems: [] } }
          : {}),
      }))
      return { status, name, challenges }
    })
  }

  answer(challengeUrl: string): Promise<void> {
    return this.#exchange('challenge', () => {
      const url = challengeUrl.replace(/#.*/, '')
      if (this.answered.has(url)) throw refused({ status: 400, type: 'malformed' })
      this.answered.add(url)
    })
  }

  finalize({ url }: Pick<Order, 'url'>, csr: Uint8Array): Promise<Order> {
    return this.#exchange('finalize', () => {
      const order = this.#kept(url)
      if (this.#order(url).status !== 'ready') throw refused({ status: 403, type: 'orderNotReady' })
      order.finalized = true
      order.csr = csr
      order.status = 'processing'
      return this.#order(url)
    })
  }

  async certificate(url: string): Promise<string> {
    const { names, csr = Buffer.alloc(0) } = await this.#exchange('certificate', () => {
      const kept = this.#kept(url.replace('/chain', ''))
      if (kept.status !== 'valid') throw refused({ status: 404 })
      return kept
    })
    return this.chain(names, csr)
  }

  count(action: string): number {
    return this.calls.filter((call) => call === action).length
  }

  async #exchange<T>(action: string, work: () => T): Promise<T> {
    this.calls.push(action)
    if (this.isAway) throw new HttpsFailure('https://ca.test', 'does not answer')
    const fault = this.faults.shift()
    if (fault === undefined) return work()
    if (fault === 'lost') work()
    if (typeof fault === 'string') throw new HttpsFailure('https://ca.test', 'does not answer')
    throw refused(fault)
  }

  #kept(url: string): KeptOrder {
    const order = this.orders.get(url)
    if (order === undefined)
      throw refused({ status: 404, type: 'malformed', detail: 'no such order' })
    return order
  }

  #order(url: string): Order {
    const kept = this.#kept(url)
    const authorizations = kept.names.map((name) => `${url}/${encodeURIComponent(name)}`)
    const outcome = authorizations.map((each) => this.#authorizationStatus(each))
    if (outcome.includes('invalid')) kept.status = 'invalid'
    else if (kept.status === 'pending' && !outcome.includes('pending')) kept.status = 'ready'
    return {
      url,
      status: kept.status,
      expiresAt: this.now() + 24 * 60 * 60 * 1000,
      authorizations,
      finalize: `${url}/finalize`,
      ...(kept.status === 'valid' ? { certificate: `${url}/chain` } : {}),
    }
  }

  #authorizationStatus(url: string): 'pending' | 'valid' | 'invalid' {
    const isDecided = this.answered.has(url) && (this.#looked.get(url) ?? 0) >= this.looks
    const name = decodeURIComponent(url.split('/').at(-1) ?? '')
    if (this.isAuthorized) return 'valid'
    if (!isDecided) return 'pending'
    return this.failing.has(name) ? 'invalid' : 'valid'
  }

  #isDecided(url: string): boolean {
    const looked = (this.#looked.get(url) ?? 0) + 1
    this.#looked.set(url, looked)
    return looked >= this.looks
  }
}

export function refused(given: Partial<Refusal>): AcmeProblem {
  return new AcmeProblem({
    status: 400,
    type: 'malformed',
    detail: 'no',
    subproblems: [],
    ...given,
  })
}

/** Keeps answers in memory, and remembers what stands there. */
export class FakeSolver implements Solver {
  readonly type = 'dns-01'
  readonly label = 'fake'
  readonly standing = new Map<string, string>()
  readonly presented: string[] = []
  /** Thrown by the next acts, one each. */
  readonly faults: string[] = []
  /** So many checks say that nothing is to be seen yet. */
  hiddenFor = 0

  async present({ name, keyAuthorization }: Challenge): Promise<void> {
    this.#fault()
    this.presented.push(name)
    this.standing.set(`${name} ${keyAuthorization}`, keyAuthorization)
  }

  async check(): Promise<string | undefined> {
    this.#fault()
    if (this.hiddenFor === 0) return undefined
    this.hiddenFor -= 1
    return 'ns1 does not show it'
  }

  async cleanUp({ name, keyAuthorization }: Challenge): Promise<void> {
    this.#fault()
    this.standing.delete(`${name} ${keyAuthorization}`)
  }

  #fault(): void {
    const words = this.faults.shift()
    if (words !== undefined) throw new Error(words)
  }
}

export interface OrderScene {
  readonly ca: FakeCa
  readonly solver: FakeSolver
  readonly wish: Wish
  readonly means: Means
  readonly clock: { nowMs: number }
}

export const sceneStart = Date.UTC(2026, 10, 25)

/** An order of two names, one of them a wildcard, at a CA that is well. */
export function orderScene(wish: Partial<Wish> = {}, means: Partial<Means> = {}): OrderScene {
  const clock = { nowMs: sceneStart }
  const now = () => clock.nowMs
  const [ca, solver] = [new FakeCa(now), new FakeSolver()]
  return {
    ca,
    solver,
    clock,
    wish: { names: ['shop.example', '*.shop.example'], ...wish },
    means: {
      api: ca,
      solverFor: (_name, offered) => (offered.includes('dns-01') ? solver : undefined),
      csr: async () => Buffer.from('csr'),
      accept: () => undefined,
      now,
      random: () => 0.5,
      ...means,
    },
  }
}

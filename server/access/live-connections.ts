/**
 * The connections of every certificate, from the handshake on and whatever they are doing: an idle one, half a request, an answer under
 * way. Where a certificate loses rights, all of its connections are closed at once; where it gains some, none is.
 *
 * A change of certificates is looked at when it is written, and what ends by time, or by a change of the configuration, at the next
 * look: clocks jump, and timers do not reach the year 9999.
 */
import type { EventEmitter } from 'node:events'
import { TLSSocket } from 'node:tls'
import type { Audit } from '#server/audit/event.ts'
import { farewellMs, rightsCheckMs } from '#server/limits.ts'
import type { Clock } from '#shared/clock.ts'
import { systemTimers, type Timers } from '#shared/timers.ts'
import { registered as anyRight } from './actions.ts'
import type { Identity, PeerSocket, Presented } from './identity.ts'
import { refusal } from './policy.ts'
import { losesRights, type RightsInForce, rightsAt, validityAt } from './registration.ts'
import type { Registry } from './registry.ts'

/** What is closed. */
export interface Connection extends PeerSocket {
  readonly destroyed: boolean
  destroy(): void
}

export interface LiveConnectionsParts {
  readonly registry: Pick<Registry, 'find' | 'recognize'>
  readonly presentedBy: (connection: PeerSocket) => Presented | undefined
  readonly clock: Clock
  readonly audit: Audit
  readonly timers?: Timers
}

/** All connections of one certificate. */
interface Caller {
  readonly presented: Presented
  readonly connections: Set<Connection>
  /** What is known of the certificate; nothing for a stranger, who has nothing to lose. */
  known: Known | undefined
}

type Registered = Extract<Identity, { readonly kind: 'registered' }>

interface Known {
  readonly identity: Registered
  readonly rights: RightsInForce
  /** Nothing changes by itself from then until then: milliseconds since 1970, the second one excluded. */
  readonly from: number
  readonly until: number
}

export class LiveConnections implements Disposable {
  readonly #parts: LiveConnectionsParts
  readonly #timers: Timers
  /** By the SHA-256 of the certificate. */
  readonly #callers = new Map<string, Caller>()
  #cancel: () => void

  constructor(parts: LiveConnectionsParts) {
    this.#parts = parts
    this.#timers = parts.timers ?? systemTimers
    this.#cancel = this.#again()
  }

  /** Follows every connection of a TLS server. */
  follow<S extends EventEmitter>(server: S): S {
    // A socket that is played again comes a second time, inside something else.
    return server.on('secureConnection', (socket: unknown) => {
      if (socket instanceof TLSSocket) this.add(socket)
    })
  }

  /** A connection whose handshake is over. */
  add(connection: Connection): void {
    const presented = this.#parts.presentedBy(connection)
    if (presented === undefined) return
    const { sha256 } = presented.certificate
    const known = this.#callers.get(sha256)
    const caller = known ?? { presented, connections: new Set(), known: undefined }
    caller.connections.add(connection)
    this.#callers.set(sha256, caller)
    this.#review(caller, undefined)
  }

  /** Who a caller is was found out for one of its requests: renewals, and what an issuer vouches for, are known by that. */
  identified({ certificate }: Presented, identity: Identity): void {
    const caller = this.#callers.get(certificate.sha256)
    if (caller !== undefined) caller.known ??= this.#knownAs(identity)
  }

  /** Connections that are open. */
  get count(): number {
    const sizes = [...this.#callers.values()].map(({ connections }) => connections.size)
    return sizes.reduce((sum, size) => sum + size, 0)
  }

  /**
   * Closes all connections that have lost rights, now; the one of `answering` gets a moment to hear what it asked. Answers how many.
   */
  closeNarrowed(answering?: object): number {
    let closed = 0
    for (const caller of this.#callers.values()) closed += this.#review(caller, answering)
    return closed
  }

  /** Looks at what time and configuration have ended. */
  look(): void {
    const now = this.#parts.clock.now()
    for (const [key, caller] of this.#callers) {
      for (const connection of caller.connections) {
        if (connection.destroyed) caller.connections.delete(connection)
      }
      if (caller.connections.size === 0) this.#callers.delete(key)
      else if (mayHaveEnded(caller.known, now)) this.#reviewAudited(caller)
    }
  }

  [Symbol.dispose](): void {
    this.#cancel()
  }

  #again(): () => void {
    return this.#timers.after(rightsCheckMs, () => {
      this.look()
      this.#cancel = this.#again()
    })
  }

  #reviewAudited(caller: Caller): void {
    const registration = caller.known?.identity.registration
    const connectionsClosed = this.#review(caller, undefined)
    if (connectionsClosed === 0 || registration === undefined) return
    const { thumbprint: certificate, name } = registration
    this.#parts.audit({
      act: 'rights ended',
      facts: { certificate, name, connectionsClosed },
    })
  }

  /** How many were closed. */
  #review(caller: Caller, answering: object | undefined): number {
    const before = caller.known
    caller.known = this.#knownAs(this.#identify(caller))
    if (before === undefined || !losesRights(before.rights, caller.known?.rights)) return 0
    const open = [...caller.connections].filter(({ destroyed }) => !destroyed)
    for (const connection of open) {
      if (connection === answering) this.#timers.after(farewellMs, () => connection.destroy())
      else connection.destroy()
    }
    return open.length
  }

  /** Signatures are verified only for whoever had rights through them: strangers may come with any number of certificates. */
  #identify({ presented, known }: Caller): Identity | undefined {
    const { registry, clock } = this.#parts
    const recognized = registry.recognize(presented.certificate)
    if (recognized !== undefined || known === undefined) return recognized
    const found = registry.find(presented, clock.now())
    return found.kind === 'renewal' ? found.identity : found
  }

  #knownAs(identity: Identity | undefined): Known | undefined {
    const now = this.#parts.clock.now()
    if (identity?.kind !== 'registered') return undefined
    const refused = refusal({ identity, action: anyRight, database: undefined, now })
    if (refused !== undefined) return undefined
    const { registration } = identity
    return { identity, rights: rightsAt(registration, now), ...validityAt(registration, now) }
  }
}

function mayHaveEnded(known: Known | undefined, now: number): boolean {
  if (known === undefined) return false
  // What the configuration trusts may change without anybody being told.
  const isConfigured = known.identity.how === 'server' || known.identity.how === 'well-known'
  return isConfigured || now < known.from || now >= known.until
}

/**
 * The certificates that the server store knows, and every change of them: the single place that makes one.
 *
 * Changes come one after the other, and each looks in its turn whether whoever asked for it still may. A change concerns a whole
 * *family* (certificate-families.ts), so that nobody keeps through a sibling what was taken from him; connections that lose rights by
 * it are closed before its caller hears of it. A deleted key stays known as such until somebody registers a certificate of it anew.
 */

import type { Clearance } from '#server/access/actions.ts'
import { accessErrors } from '#server/access/errors.ts'
import type { Presented } from '#server/access/identity.ts'
import type { RegistryChange, RegistryContent } from '#server/access/registry.ts'
import type { Renewal } from '#server/access/renewal.ts'
import type { Audit, AuditEvent } from '#server/audit/event.ts'
import { renewalsPerKeyMax } from '#server/limits.ts'
import type { Clock } from '#shared/clock.ts'
import { hasCode } from '#shared/errors.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import {
  applied,
  type CertificateChange,
  edition,
  isRenewal,
  ownDates,
  registrations,
  removals,
  succession,
  type Wanted,
} from './certificate-changes.ts'
import { dateFacts, grantFacts, nameFacts } from './certificate-facts.ts'
import {
  type CertificateEntry,
  callersIn,
  entryOf,
  familiesOf,
  familyOf,
  isListed,
} from './certificate-families.ts'
import { CertificateIndex, type IndexedChange } from './certificate-index.ts'
import { certificateTable, registrationOf } from './certificate-records.ts'
import {
  type Actor,
  demandAdministrator,
  demandAnother,
  demandClearance,
  demandNotOwn,
  demandOwnUsable,
  demandStrongKey,
  demandWithin,
} from './certificate-rules.ts'
import { indexOfRepeated, type RepeatableRequest, remembering } from './requests.ts'
import type { SystemChange, SystemStore } from './system.types.ts'

export interface CertificatesParts {
  readonly store: SystemStore
  readonly clock: Clock
  readonly audit: Audit
  /** Thumbprints of the server's own certificates: they are never registered as clients. */
  readonly serverThumbprints: () => ReadonlySet<string>
  /** Authorities that may have signed a certificate that comes alone: the client authority, well-known issuers. */
  readonly knownIssuers: () => readonly Certificate[]
  /** The configuration names administrators, so that the store need not have one. */
  readonly hasConfiguredAdmin: () => boolean
  /** Closes the connections that have lost rights; `answering` is the one of whoever asked. Answers how many. */
  readonly disconnect: (answering: object | undefined) => number
}

export interface Registering extends Wanted {
  /** Of one file: the certificate, further ones with the same rights, and authorities that signed them. */
  readonly certificates: readonly Certificate[]
}

export interface Editing extends Wanted {
  /** 40 upper-case hex digits. */
  readonly thumbprint: string
}

/**
 * A change that a client may repeat, with the id of its request, is done once: it resolves to false where it was done before, even if
 * somebody else has changed the certificate since.
 */
export class Certificates {
  readonly #parts: CertificatesParts
  readonly #records: CertificateIndex
  readonly #followers: ((change: RegistryChange) => void)[] = []
  /** Changes wait for each other: each is computed from all records. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(parts: CertificatesParts) {
    this.#parts = parts
    this.#records = new CertificateIndex(
      parts.store.list(certificateTable).map(({ record }) => record),
    )
    parts.store.onChange((tables, changes) => {
      if (tables.has(certificateTable.name)) this.#take(changes)
    })
  }

  /** What the registry holds. */
  content(): RegistryContent {
    const registrations = [...this.#records.all()].map(registrationOf)
    return { registrations, deletedPins: this.#records.deletedPins }
  }

  /** Told of each change of that content. */
  follow(follower: (change: RegistryChange) => void): void {
    this.#followers.push(follower)
  }

  /** Registrations and renewals in the order of their thumbprints; of a collection its first one. */
  list(): CertificateEntry[] {
    return [...this.#records.all()]
      .filter(isListed)
      .sort((a, b) => (a.thumbprint < b.thumbprint ? -1 : 1))
      .map((record) => entryOf(record, this.#records))
  }

  /** The entry of a thumbprint, in any case; for a further certificate of a collection that of its first one. */
  find(thumbprint: string): CertificateEntry | undefined {
    const record = this.#records.get(thumbprint.toUpperCase())
    if (record === undefined || isListed(record)) return record && entryOf(record, this.#records)
    const root = this.#records.get(record.root)
    return root && entryOf(root, this.#records)
  }

  /** Registers, or registers anew with other rights. Throws the refusals of certificate-rules.ts. */
  register(
    actor: Actor,
    { certificates, ...wanted }: Registering,
    request?: RepeatableRequest,
  ): Promise<boolean> {
    return this.#once(actor, request, async (clearance) => {
      const { name, rights, disabled, limits = {} } = wanted
      const members = callersIn(certificates)
      const [first] = members
      if (first === undefined) throw accessErrors.CertificateNotGiven()
      for (const member of members) this.#demandRegistrable(member)
      demandWithin(first, limits)
      const touched = familiesOf(this.#records, members)
      const sameKey = members.flatMap(({ pin }) => this.#records.ofPin(pin))
      demandClearance({ clearance }, name, [rights, ...touched, ...sameKey])
      const issuers = [...certificates, ...this.#parts.knownIssuers()]
      const now = this.#parts.clock.now()
      const changes = registrations({ ...wanted, members, issuers, touched, now })
      this.#demandOwnUsable(actor, changes)
      const closed = await this.#write(changes, actor, request)
      this.#audit('certificate registered', actor, {
        ...{ ...nameFacts(first, name), ...grantFacts(rights), ...dateFacts(limits) },
        ...(disabled === undefined ? {} : { disabled }),
        ...(touched.length === 0 ? {} : { connectionsClosed: closed }),
      })
    })
  }

  /** Changes name, rights, dates and whether it is disabled, for the whole family. Throws `CertificateNotFound`. */
  edit(
    actor: Actor,
    { thumbprint, ...wanted }: Editing,
    request?: RepeatableRequest,
  ): Promise<boolean> {
    return this.#once(actor, request, async (clearance) => {
      const { name, rights, disabled, limits = {} } = wanted
      const family = familyOf(this.#records, thumbprint)
      const named = family.find((one) => one.thumbprint === thumbprint)
      if (named === undefined) throw accessErrors.CertificateNotFound(thumbprint)
      demandClearance({ clearance }, named.name, [rights, ...family])
      demandWithin(ownDates(named), limits)
      const changes = edition({ ...wanted, family, named: thumbprint })
      this.#demandOwnUsable(actor, changes)
      const connectionsClosed = await this.#write(changes, actor, request)
      this.#audit('certificate edited', actor, {
        ...{ ...nameFacts(named, name), ...grantFacts(rights), ...dateFacts(limits) },
        ...(disabled === undefined ? {} : { disabled }),
        connectionsClosed,
      })
    })
  }

  /** Removes the certificate with its whole family. Throws `CertificateToDeleteNotFound`. */
  remove(actor: Actor, thumbprint: string, request?: RepeatableRequest): Promise<boolean> {
    return this.#once(actor, request, async (clearance) => {
      const family = familyOf(this.#records, thumbprint)
      const named = family.find((one) => one.thumbprint === thumbprint)
      if (named === undefined) {
        demandAnother(actor, thumbprint)
        throw accessErrors.CertificateToDeleteNotFound(thumbprint)
      }
      demandClearance({ clearance }, named.name, family)
      demandNotOwn(actor, family, 'delete')
      const changes = removals(family, this.#parts.clock.now())
      const connectionsClosed = await this.#write(changes, actor, request)
      this.#audit('certificate deleted', actor, {
        ...nameFacts(named, named.name),
        connectionsClosed,
      })
    })
  }

  /**
   * Writes a renewal down, with all that its predecessor has now. Nothing is written where that is gone or disabled by now, nor where
   * its key has as many renewals as are kept.
   */
  renew({ certificate }: Presented, { predecessor, issuer }: Renewal): Promise<void> {
    return this.#exclusive(async () => {
      const family = familyOf(this.#records, predecessor.thumbprint)
      const from = family.find(({ thumbprint }) => thumbprint === predecessor.thumbprint)
      if (from === undefined || from.disabled) return
      if (this.#records.get(certificate.thumbprint) !== undefined) return
      const now = this.#parts.clock.now()
      const renewals = this.#records
        .ofPin(certificate.pin)
        .filter((one) => isRenewal(one) && now <= one.notAfter)
      if (renewals.length >= renewalsPerKeyMax) return
      const changes = succession({ from, certificate, issuer, family, now })
      await this.#write(changes, undefined).catch(ignoreRepeated)
      const renewed = { ...nameFacts(certificate, from.name), renewedFrom: from.thumbprint }
      this.#audit('certificate renewed', undefined, renewed)
    })
  }

  #demandRegistrable(certificate: Certificate): void {
    demandStrongKey(certificate)
    if (this.#parts.serverThumbprints().has(certificate.thumbprint)) {
      throw accessErrors.CertificateIsServers(certificate.subject)
    }
  }

  #demandOwnUsable(actor: Actor, changes: readonly CertificateChange[]): void {
    demandOwnUsable(actor, applied([], changes), this.#parts.clock.now())
  }

  #take(changes: readonly SystemChange[]): void {
    const ours = changes.filter(({ table }) => table.name === certificateTable.name)
    this.#records.apply(ours as readonly IndexedChange[])
    const records = ours.map(({ key }) => ({ key, record: this.#records.get(key) }))
    const change = {
      registered: records.flatMap(({ record }) =>
        record === undefined ? [] : [registrationOf(record)],
      ),
      removed: records.flatMap(({ key, record }) => (record === undefined ? [key] : [])),
      deletedPins: this.#records.deletedPins,
    }
    for (const follower of this.#followers) follower(change)
  }

  /** Answers how many connections were closed by it. */
  async #write(
    changes: readonly CertificateChange[],
    actor: Actor | undefined,
    request?: RepeatableRequest,
  ): Promise<number> {
    const { store, clock, hasConfiguredAdmin, disconnect } = this.#parts
    if (!hasConfiguredAdmin()) {
      const after = applied(this.#records.all(), changes)
      demandAdministrator(this.#records.all(), after, clock.now())
    }
    await store.write([...(changes as readonly SystemChange[]), ...remembering(store, request)])
    return disconnect(actor?.connection)
  }

  #once(
    actor: Actor,
    request: RepeatableRequest | undefined,
    work: (clearance: Clearance) => Promise<void>,
  ): Promise<boolean> {
    return this.#exclusive(async () => {
      const clearance = actor.clearance()
      if (indexOfRepeated(this.#parts.store, request) !== undefined) return false
      await work(clearance)
      return true
    })
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work)
    // Whoever waits next waits for the end, not for the success.
    this.#last = done.catch(() => undefined)
    return done
  }

  #audit(act: string, actor: Actor | undefined, facts: AuditEvent['facts']): void {
    const { audit, address } = actor ?? {}
    this.#parts.audit({
      act,
      facts,
      ...(audit === undefined ? {} : { actor: audit }),
      ...(address === undefined ? {} : { address }),
    })
  }
}

/** Two members had the first request of the same renewal: the other one has written it. */
function ignoreRepeated(error: unknown): void {
  if (!hasCode(error, 'SystemConflict')) throw error
}

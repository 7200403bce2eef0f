/**
 * The certificates that the server store knows, and every change of them.
 *
 * Records of one *family* share their rights: a collection that was registered in one file, and the renewals of a certificate. An
 * edit changes them all and a deletion removes them all, so that nobody keeps through a sibling what was taken from him. A deleted
 * key stays known as such until somebody registers a certificate of it anew.
 */

import { accessErrors } from '#server/access/errors.ts'
import type { Presented } from '#server/access/identity.ts'
import type { Rights } from '#server/access/registration.ts'
import type { RegistryContent } from '#server/access/registry.ts'
import type { Renewal } from '#server/access/renewal.ts'
import type { Audit, AuditEvent } from '#server/audit/event.ts'
import type { Clock } from '#shared/clock.ts'
import { hasCode } from '#shared/errors.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import {
  applied,
  type CertificateChange,
  put,
  registrations,
  removals,
  succession,
} from './certificate-changes.ts'
import {
  type CertificateEntry,
  callersIn,
  entryOf,
  familyOf,
  isListed,
  touchedBy,
} from './certificate-families.ts'
import {
  type CertificateRecord,
  certificateTable,
  type DeletedRecord,
  registrationOf,
} from './certificate-records.ts'
import {
  type Actor,
  demandAdministrator,
  demandAnother,
  demandClearance,
  demandNotOwn,
  demandStrongKey,
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
}

export interface Registering {
  readonly name: string
  readonly rights: Rights
  /** Of one file: the certificate, further ones with the same rights, and authorities that signed them. */
  readonly certificates: readonly Certificate[]
}

export interface Editing {
  readonly thumbprint: string
  readonly name: string
  readonly rights: Rights
  /** Left out: stays as it is. */
  readonly disabled: boolean | undefined
}

/**
 * A change that a client may repeat, with the id of its request, is done once: it resolves to false where it was done before, even if
 * somebody else has changed the certificate since.
 */
export class Certificates {
  readonly #parts: CertificatesParts
  /** Changes wait for each other: each is computed from all records. */
  #last: Promise<unknown> = Promise.resolve()
  /** The table as it was read last, until it changes: anybody may ask who he is, as often as he likes. */
  #read: readonly (CertificateRecord | DeletedRecord)[] | undefined

  constructor(parts: CertificatesParts) {
    this.#parts = parts
    parts.store.onChange((tables) => {
      if (tables.has(certificateTable.name)) this.#read = undefined
    })
  }

  /** What the registry holds. */
  content(): RegistryContent {
    const deleted = this.#table().filter((record) => record.kind === 'deleted')
    const deletedPins = new Set(deleted.map(({ pin }) => pin))
    return { registrations: this.#records().map(registrationOf), deletedPins }
  }

  /** Registrations and renewals in the order of their thumbprints; of a collection its first one. */
  list(): CertificateEntry[] {
    const records = this.#records()
    return records.filter(isListed).map((record) => entryOf(record, records))
  }

  /** The entry of a thumbprint, in any case; for a further certificate of a collection that of its first one. */
  find(thumbprint: string): CertificateEntry | undefined {
    const records = this.#records()
    const record = records.find((one) => one.thumbprint === thumbprint.toUpperCase())
    if (record === undefined || isListed(record)) return record && entryOf(record, records)
    const root = records.find((one) => one.thumbprint === record.root)
    return root && entryOf(root, records)
  }

  /** Registers, or registers anew with other rights; whether it is disabled stays. */
  register(
    actor: Actor,
    { name, rights, certificates }: Registering,
    request?: RepeatableRequest,
  ): Promise<boolean> {
    return this.#once(request, async () => {
      const members = callersIn(certificates)
      const [first] = members
      if (first === undefined) throw accessErrors.CertificateNotGiven()
      for (const member of members) this.#demandRegistrable(member)
      const touched = touchedBy(this.#records(), members)
      const sameKey = this.#records().filter(({ pin }) => members.some((one) => one.pin === pin))
      demandClearance(actor, name, [rights, ...touched, ...sameKey])
      const issuers = [...certificates, ...this.#parts.knownIssuers()]
      const now = this.#parts.clock.now()
      await this.#write(registrations({ name, rights, members, issuers, touched, now }), request)
      this.#audit('certificate registered', actor, { ...facts(first, name), ...grant(rights) })
    })
  }

  /** Changes name, rights and whether it is disabled. Throws `CertificateNotFound`. */
  edit(
    actor: Actor,
    { thumbprint, name, rights, disabled }: Editing,
    request?: RepeatableRequest,
  ): Promise<boolean> {
    return this.#once(request, async () => {
      const family = this.#family(thumbprint)
      const [first] = family
      if (first === undefined) throw accessErrors.CertificateNotFound(thumbprint)
      demandClearance(actor, first.name, [rights, ...family])
      if (disabled === true) demandNotOwn(actor, family, 'disable')
      const change = { ...rights, name, ...(disabled === undefined ? {} : { disabled }) }
      const changes = family.map((record) => put({ ...record, ...change }))
      await this.#write(changes, request)
      const state = disabled === undefined ? {} : { disabled }
      this.#audit('certificate edited', actor, {
        ...facts(first, name),
        ...grant(rights),
        ...state,
      })
    })
  }

  /** Removes the certificate with its renewals and its collection. An unknown one is fine. */
  remove(actor: Actor, thumbprint: string, request?: RepeatableRequest): Promise<boolean> {
    return this.#once(request, async () => {
      const family = this.#family(thumbprint)
      const [first] = family
      if (first === undefined) return demandAnother(actor, thumbprint)
      demandClearance(actor, first.name, family)
      demandNotOwn(actor, family, 'delete')
      await this.#write(removals(family, this.#parts.clock.now()), request)
      this.#audit('certificate deleted', actor, facts(first, first.name))
    })
  }

  /** Writes a renewal down, with all that its predecessor has now. Where that is gone or disabled by now, nothing is written. */
  renew({ certificate }: Presented, { predecessor, issuer }: Renewal): Promise<void> {
    return this.#exclusive(async () => {
      const family = this.#family(predecessor.thumbprint)
      const from = family.find(({ thumbprint }) => thumbprint === predecessor.thumbprint)
      if (from === undefined || family.some(({ disabled }) => disabled)) return
      if (family.some(({ thumbprint }) => thumbprint === certificate.thumbprint)) return
      const now = this.#parts.clock.now()
      await this.#write(succession({ from, certificate, issuer, family, now })).catch(
        ignoreRepeated,
      )
      const renewed = { ...facts(certificate, from.name), renewedFrom: from.thumbprint }
      this.#audit('certificate renewed', undefined, renewed)
    })
  }

  #demandRegistrable(certificate: Certificate): void {
    demandStrongKey(certificate)
    if (this.#parts.serverThumbprints().has(certificate.thumbprint)) {
      throw accessErrors.CertificateIsServers(certificate.subject)
    }
  }

  #table(): readonly (CertificateRecord | DeletedRecord)[] {
    this.#read ??= this.#parts.store.list(certificateTable).map(({ record }) => record)
    return this.#read
  }

  #records(): CertificateRecord[] {
    return this.#table().filter((record) => record.kind === 'registered')
  }

  #family(thumbprint: string): CertificateRecord[] {
    return familyOf(this.#records(), thumbprint)
  }

  async #write(changes: readonly CertificateChange[], request?: RepeatableRequest): Promise<void> {
    const { store, clock, hasConfiguredAdmin } = this.#parts
    if (!hasConfiguredAdmin()) {
      const before = this.#records()
      demandAdministrator(before, applied(before, changes), clock.now())
    }
    await store.write([...(changes as readonly SystemChange[]), ...remembering(store, request)])
  }

  #once(request: RepeatableRequest | undefined, work: () => Promise<void>): Promise<boolean> {
    return this.#exclusive(async () => {
      if (indexOfRepeated(this.#parts.store, request) !== undefined) return false
      await work()
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

function facts({ thumbprint }: { readonly thumbprint: string }, name: string) {
  return { certificate: thumbprint, name }
}

function grant({ clearance, permissions }: Rights) {
  const databases = Object.entries(permissions).map(([name, access]) => `${name}:${access}`)
  return { clearance, permissions: databases.join(' ') }
}

/** The administration of a server as a few maps. Its promises are those of test/contract/admin.contract.ts, which the real one keeps too. */
import {
  type Admin,
  type CertificateRights,
  type CertificateState,
  Refused,
  Unreachable,
} from '#operator/admin/admin.ts'
import type { DatabaseState, ServerState } from '#shared/contract/state.ts'
import { readCertificate } from '#shared/pki/certificate.ts'

export class FakeAdmin implements Admin {
  readonly #databases = new Map<string, DatabaseState>()
  readonly #keys = new Map<string, string>()
  readonly #certificates = new Map<string, CertificateState>()
  /** Thumbprint of a renewal → that of the certificate that was registered. */
  readonly #roots = new Map<string, string>()
  #nextId = 1
  storeId = 'store-1'
  /** Grows with every change. */
  storeCommit = 5
  /** Milliseconds since 1970: what `rightsOf` takes for now. */
  nowMs = 0
  isReachable = true
  /** Key authorizations that are shown, by name. */
  readonly challenges = new Map<string, string>()
  /** Every change, as `verb name`. */
  readonly calls: string[] = []
  /** Thrown once by the next change whose text starts with the key. */
  readonly failures = new Map<string, Error>()

  async state(): Promise<ServerState> {
    this.#reach()
    return {
      StoreId: this.storeId,
      StoreCommit: this.storeCommit,
      Version: '0.1.0',
      MasterKeyIds: ['k1'],
      Databases: [...this.#databases.values()],
      Serves: { Internal: null, Public: null },
    }
  }

  async createDatabase({
    name,
    key,
  }: {
    readonly name: string
    readonly key?: Buffer
  }): Promise<void> {
    this.#change(`create ${name}`)
    const id = name.toLowerCase()
    if (this.#databases.has(id))
      throw new Refused(409, 'Raven.Client.Exceptions.ConcurrencyException', 'it exists')
    this.#databases.set(id, {
      Name: name,
      Id: `db-${this.#nextId}`,
      Encrypted: key !== undefined,
      Disabled: false,
      Quarantine: null,
    })
    this.#nextId += 1
    if (key !== undefined) this.#keys.set(id, key.toString('base64'))
  }

  async enableDatabase(name: string): Promise<void> {
    this.#change(`enable ${name}`)
    this.alter(name, { Disabled: false })
  }

  async deleteDatabase(name: string): Promise<void> {
    this.#change(`delete ${name}`)
    this.#databases.delete(name.toLowerCase())
    this.#keys.delete(name.toLowerCase())
  }

  async certificates(): Promise<readonly CertificateState[]> {
    this.#reach()
    return [...this.#certificates.values()]
  }

  async putCertificate(der: Buffer, rights: CertificateRights): Promise<void> {
    const { thumbprint, pin, notAfter } = readCertificate(der)
    demandNames(rights)
    this.#change(`put ${rights.name}`)
    this.#certificates.set(thumbprint, {
      ...{ ends: {}, ...rights },
      ...{ thumbprint, publicKeyPin: pin, notAfter },
    })
  }

  async editCertificate(thumbprint: string, rights: CertificateRights): Promise<void> {
    demandNames(rights)
    this.#change(`edit ${rights.name}`)
    const record = this.#certificates.get(thumbprint)
    if (record === undefined)
      throw new Refused(500, 'System.InvalidOperationException', 'it is not registered')
    for (const one of this.#family(record)) {
      const { clearanceEndsAtMs: _, ...facts } = one
      this.#certificates.set(one.thumbprint, { ...facts, ends: {}, ...rights })
    }
  }

  async deleteCertificate(thumbprint: string): Promise<void> {
    const record = this.#certificates.get(thumbprint)
    this.#change(`revoke ${record?.name ?? thumbprint}`)
    for (const one of record === undefined ? [] : this.#family(record))
      this.#certificates.delete(one.thumbprint)
  }

  /** A program came with another certificate of the same key: it is recorded with the rights of the one that it renews. */
  renew(thumbprint: string, der: Buffer): void {
    const record = this.#certificates.get(thumbprint)
    if (record === undefined) return
    const renewed = readCertificate(der)
    this.#certificates.set(renewed.thumbprint, {
      ...record,
      ...{ thumbprint: renewed.thumbprint, publicKeyPin: renewed.pin, notAfter: renewed.notAfter },
    })
    this.#roots.set(renewed.thumbprint, this.#rootOf(thumbprint))
  }

  /** What a certificate may do now, as `clearance database:access …`; nothing where it is not registered. */
  rightsOf(thumbprint: string): string | undefined {
    const record = this.#certificates.get(thumbprint)
    if (record === undefined) return undefined
    const {
      clearance,
      clearanceEndsAtMs = Number.POSITIVE_INFINITY,
      permissions,
      ends = {},
    } = record
    const databases = Object.entries(permissions)
      .filter(([name]) => this.nowMs < (ends[name] ?? Number.POSITIVE_INFINITY))
      .map(([name, access]) => `${name}:${access}`)
    return [this.nowMs < clearanceEndsAtMs ? clearance : 'ValidUser', ...databases].join(' ')
  }

  async presentChallenge(name: string, keyAuthorization: string): Promise<void> {
    this.#change(`present ${name}`)
    this.challenges.set(name, keyAuthorization)
  }

  async withdrawChallenge(name: string): Promise<void> {
    this.#change(`withdraw ${name}`)
    this.challenges.delete(name)
  }

  /** Base64 of the key that a database was made with. */
  keyOf(name: string): string | undefined {
    return this.#keys.get(name.toLowerCase())
  }

  /** Somebody else's hand: changes a record behind the operator's back. */
  tamper(thumbprint: string, change: Partial<CertificateState>): void {
    const record = this.#certificates.get(thumbprint)
    if (record !== undefined) this.#certificates.set(thumbprint, { ...record, ...change })
  }

  /** Somebody else's hand on a database. */
  alter(name: string, change: Partial<DatabaseState>): void {
    const found = this.#databases.get(name.toLowerCase())
    if (found !== undefined) this.#databases.set(name.toLowerCase(), { ...found, ...change })
  }

  #rootOf(thumbprint: string): string {
    return this.#roots.get(thumbprint) ?? thumbprint
  }

  /** Those that share their rights with a record: renewals, and what they renew. */
  #family({ thumbprint }: CertificateState): CertificateState[] {
    const root = this.#rootOf(thumbprint)
    return [...this.#certificates.values()].filter((one) => this.#rootOf(one.thumbprint) === root)
  }

  #change(call: string): void {
    this.#reach()
    this.storeCommit += 1
    for (const [start, error] of this.failures) {
      if (!call.startsWith(start)) continue
      this.failures.delete(start)
      throw error
    }
    this.calls.push(call)
  }

  #reach(): void {
    if (!this.isReachable) throw new Unreachable('Cannot reach vault-0: it is away')
  }
}

/** One name that no database can have, and the whole is refused, as by the real one. */
function demandNames({ permissions }: CertificateRights): void {
  const wrong = Object.keys(permissions).find((name) => !/^[\p{L}\p{N}_.-]{1,128}$/u.test(name))
  if (wrong !== undefined)
    throw new Refused(
      400,
      'System.ArgumentException',
      `"${wrong}" cannot be the name of a database`,
    )
}

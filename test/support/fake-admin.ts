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
  #nextId = 1
  storeId = 'store-1'
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
      StoreCommit: 5,
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
    this.#change(`put ${rights.name}`)
    this.#certificates.set(thumbprint, { ...rights, thumbprint, publicKeyPin: pin, notAfter })
  }

  async editCertificate(thumbprint: string, rights: CertificateRights): Promise<void> {
    this.#change(`edit ${rights.name}`)
    const record = this.#certificates.get(thumbprint)
    if (record === undefined)
      throw new Refused(500, 'System.InvalidOperationException', 'it is not registered')
    this.#certificates.set(thumbprint, { ...record, ...rights })
  }

  async deleteCertificate(thumbprint: string): Promise<void> {
    this.#change(`revoke ${this.#certificates.get(thumbprint)?.name ?? thumbprint}`)
    this.#certificates.delete(thumbprint)
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

  #change(call: string): void {
    this.#reach()
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

/** The records of certificates in memory, by thumbprint, family and key: what is asked of them costs the same for one and for thousands. */
import type { CertificateLookup } from './certificate-families.ts'
import { type CertificateRecord, type DeletedRecord, pinOfDeleted } from './certificate-records.ts'

/** What a write did to one key of the table. */
export interface IndexedChange {
  readonly key: string
  readonly record?: CertificateRecord | DeletedRecord
}

type Group = Map<string, CertificateRecord>

export class CertificateIndex implements CertificateLookup {
  readonly #records = new Map<string, CertificateRecord>()
  readonly #byRoot = new Map<string, Group>()
  readonly #byPin = new Map<string, Group>()
  readonly #deletedPins = new Set<string>()

  /** Of the whole table. */
  constructor(table: readonly (CertificateRecord | DeletedRecord)[]) {
    const registered = table.filter((record) => record.kind === 'registered')
    const roots = new Map(registered.map(({ thumbprint, root }) => [thumbprint, root]))
    for (const record of registered) this.#put({ ...record, root: lastRoot(record.root, roots) })
    for (const record of table) {
      if (record.kind === 'deleted') this.#deletedPins.add(record.pin)
    }
  }

  get size(): number {
    return this.#records.size
  }

  get(thumbprint: string): CertificateRecord | undefined {
    return this.#records.get(thumbprint)
  }

  ofRoot(root: string): readonly CertificateRecord[] {
    return [...(this.#byRoot.get(root)?.values() ?? [])]
  }

  /** All of one key, whatever their family. */
  ofPin(pin: string): readonly CertificateRecord[] {
    return [...(this.#byPin.get(pin)?.values() ?? [])]
  }

  /** All records, in no order. */
  all(): IterableIterator<CertificateRecord> {
    return this.#records.values()
  }

  /** Keys of which a certificate was deleted, and none registered anew since; follows every change. */
  get deletedPins(): ReadonlySet<string> {
    return this.#deletedPins
  }

  /** Takes over what was written. */
  apply(changes: readonly IndexedChange[]): void {
    for (const { key, record } of changes) {
      this.#drop(key)
      if (record?.kind === 'registered') this.#put(record)
      else if (record?.kind === 'deleted') this.#deletedPins.add(record.pin)
      else this.#deletedPins.delete(pinOfDeleted(key) ?? '')
    }
  }

  #put(record: CertificateRecord): void {
    this.#records.set(record.thumbprint, record)
    grouped(this.#byRoot, record.root).set(record.thumbprint, record)
    grouped(this.#byPin, record.pin).set(record.thumbprint, record)
  }

  #drop(thumbprint: string): void {
    const record = this.#records.get(thumbprint)
    if (record === undefined) return
    this.#records.delete(thumbprint)
    for (const [groups, key] of [
      [this.#byRoot, record.root],
      [this.#byPin, record.pin],
    ] as const) {
      const group = groups.get(key)
      group?.delete(thumbprint)
      if (group?.size === 0) groups.delete(key)
    }
  }
}

/** Earlier versions left a renewal behind when its certificate went over to another root. */
function lastRoot(root: string, roots: ReadonlyMap<string, string>): string {
  let [last, next] = [root, roots.get(root)]
  for (let steps = 0; next !== undefined && next !== last && steps < roots.size; steps += 1) {
    ;[last, next] = [next, roots.get(next)]
  }
  return last
}

function grouped(groups: Map<string, Group>, key: string): Group {
  const known = groups.get(key)
  if (known !== undefined) return known
  const made: Group = new Map()
  groups.set(key, made)
  return made
}

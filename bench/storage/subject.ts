/** What is measured, and the documents it is measured with. */

/** A store with four trees: id → document, etag → id, collection + etag → id, an index term + id. */
export interface Subject {
  /** Durable when it resolves; all documents at once. */
  put(documents: readonly BenchDocument[]): Promise<void>
  /** Length of the document. */
  get(id: string): number
  /** Empties our own caches. */
  forget(): Promise<void>
  /** On disk. */
  bytes(): number
  close(): Promise<void>
}

export interface BenchDocument {
  readonly id: string
  readonly collection: string
  readonly total: number
  readonly json: Buffer
}

const collections = ['Orders', 'Orders', 'Orders', 'Companies', 'Employees']

/** Document number `n`, about 1 KB of JSON, in a version. */
export function documentAt(n: number, version: number): BenchDocument {
  const collection = collections[n % collections.length] ?? 'Orders'
  const total = (n * 31 + version * 17) % 10_000
  const id = `${collection.toLowerCase()}/${String(n).padStart(6, '0')}-A`
  return { id, collection, total, json: Buffer.from(lineOf(n, version, total)) }
}

function lineOf(n: number, version: number, total: number): string {
  const lines = Array.from({ length: 8 }, (_, i) => ({
    Product: `products/${(n * 13 + i * 7) % 997}-A`,
    ProductName: `Product ${(n + i) % 997} of ${version}`,
    PricePerUnit: ((n * 7 + i) % 900) / 10,
    Quantity: (n + i) % 30,
  }))
  return JSON.stringify({ Company: `companies/${n % 91}-A`, Total: total, Lines: lines })
}

/** How an index term sorts. */
export function termOf({ total, id }: BenchDocument): string {
  return `${String(total).padStart(8, '0')}|${id}`
}

/** A stored record: etag, then the document. */
export function recordOf(etag: number, { collection, total, json }: BenchDocument): Buffer {
  const head = Buffer.alloc(24)
  head.writeDoubleBE(etag, 0)
  head.writeDoubleBE(total, 8)
  head.write(collection.slice(0, 8), 16, 'latin1')
  return Buffer.concat([head, json])
}

/** Etag and index key parts of a stored record. */
export function headOf(record: Buffer): { etag: number; total: number; collection: string } {
  return {
    etag: record.readDoubleBE(0),
    total: record.readDoubleBE(8),
    collection: record.toString('latin1', 16, 24).replace(/\0+$/, ''),
  }
}

/** The documents of the damage tests, and what a child reports about them. */
import type { Reader } from '#server/storage/engine.types.ts'

export interface Outcome {
  readonly folder: string
  /** `right`, `wrong`, `uncoded`, or the code of the error. */
  readonly outcome: string
  readonly wrong?: readonly string[]
  readonly error?: string
}

const documents = 2_000

/** Every document with its key: as it should be, or as a reader finds it. */
export function documentsIn(reader?: Reader): Map<string, Buffer> {
  if (reader !== undefined)
    return new Map([...reader.range(1)].map(({ key, value }) => [key, Buffer.from(value)]))
  return new Map(
    Array.from({ length: documents }, (_, i) => {
      const length = i % 50 === 0 ? 30_000 : 200 + ((i * 37) % 1_500)
      return [`doc/${i}`, Buffer.alloc(length, `content of ${i} `)]
    }),
  )
}

/**
 * What the scanner found: values as byte ranges of the text they stand in. Nothing is parsed before it is asked for, so a document
 * can be cut out of a request and stored exactly as it was written.
 */

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'true' | 'false' | 'null'

const noValues: readonly JsonValue[] = []

/** One value of a text that has been checked as a whole. */
export class JsonValue {
  readonly kind: JsonKind
  /** First byte of the value. */
  readonly start: number
  /** Byte after the value. */
  readonly end: number
  /** Range of the member's name between its quotes; empty for elements and the root. */
  readonly keyStart: number
  readonly keyEnd: number
  /** Members or elements in order; empty below the depth that the scan was asked to keep. */
  readonly children: readonly JsonValue[]
  readonly #text: Buffer

  constructor(text: Buffer, place: JsonPlace, children: readonly JsonValue[] = noValues) {
    this.kind = place.kind
    this.start = place.start
    this.end = place.end
    this.keyStart = place.keyStart
    this.keyEnd = place.keyEnd
    this.children = children
    this.#text = text
  }

  /** Name of this member, unescaped. */
  get key(): string {
    return unescaped(this.#text, this.keyStart, this.keyEnd)
  }

  /** The member of that name. Names are compared as they are, without regard to how they were escaped. */
  get(name: string): JsonValue | undefined {
    const bytes = Buffer.from(name)
    return this.children.find((child) => child.#isNamed(name, bytes))
  }

  /** Most names are told apart by their length alone: an object may have a million members. */
  #isNamed(name: string, bytes: Buffer): boolean {
    const length = this.keyEnd - this.keyStart
    if (length < bytes.length || length > bytes.length * escapedBytesMax) return false
    if (length > bytes.length || name.includes('\\')) return this.key === name
    return this.#text.compare(bytes, 0, bytes.length, this.keyStart, this.keyEnd) === 0
  }

  /** The bytes as they were written: a view, not a copy. */
  get bytes(): Buffer {
    return this.#text.subarray(this.start, this.end)
  }

  /** The member as it was written, from its opening quote to the end of its value. */
  get withKey(): Buffer {
    return this.#text.subarray(this.keyStart - 1, this.end)
  }

  /** The text of a string, unescaped; undefined for any other kind. */
  get string(): string | undefined {
    return this.kind === 'string' ? unescaped(this.#text, this.start + 1, this.end - 1) : undefined
  }

  /** The value as JavaScript has it. Numbers lose their spelling: only for settings and parameters, never for documents. */
  toJs(): unknown {
    return jsOf(this.bytes)
  }
}

/** `\u0061` for a character of one byte. */
const escapedBytesMax = 6

/** Kind and place of a value. */
export interface JsonPlace {
  readonly kind: JsonKind
  readonly start: number
  readonly end: number
  readonly keyStart: number
  readonly keyEnd: number
}

/** What stands between two quotes, unescaped. */
export function unescaped(text: Buffer, start: number, end: number): string {
  const raw = text.toString('utf8', start, end)
  return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw
}

/** A checked text as JavaScript has it, for reading a value out of a stored document. */
export function jsOf(text: Buffer): unknown {
  return JSON.parse(text.toString('utf8'))
}

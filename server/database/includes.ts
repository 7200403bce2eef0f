/**
 * Includes: documents that others name by their ids, sent along so that a client need not ask again.
 *
 * A path leads to ids: `Boss`, `Address.City`, `Lines[].Product`; an array of ids counts as all of them, `@metadata.Owner` looks into the
 * user's metadata, and `Owner(people/)` puts a prefix before what it finds, which may then be a number.
 */
import { jsOf } from './json/value.ts'
import type { DocumentRecord } from './tables.ts'

/** A path, taken apart once for all documents. */
export interface IncludePath {
  /** As it was given, e.g. for `IncludedPaths`. */
  readonly text: string
  readonly steps: readonly string[]
  readonly prefix?: string
}

export function includePath(path: string): IncludePath {
  const [, bare, prefix] = /^(.*?)\((.*)\)$/s.exec(path) ?? [undefined, path, undefined]
  const steps = (bare ?? path).split('.').map((step) => step.replace(/(\[\])+$/, ''))
  return prefix === undefined ? { text: path, steps } : { text: path, steps, prefix }
}

/** Adds the ids that the paths lead to, in the order in which they are found. */
export function gatherIncludes(
  record: DocumentRecord,
  paths: readonly IncludePath[],
  ids: Set<string>,
): void {
  if (paths.length === 0) return
  const body = jsOf(record.body)
  for (const path of paths) {
    for (const value of follow(rootFor(path, body, record), path.steps, 0)) {
      const id = idFrom(value, path.prefix)
      if (id !== undefined && id !== '') ids.add(id)
    }
  }
}

function rootFor(path: IncludePath, body: unknown, record: DocumentRecord): unknown {
  if (path.steps[0] !== '@metadata') return body
  return { '@metadata': jsOf(Buffer.from(`{${record.metadata.toString('utf8')}}`)) }
}

function* follow(value: unknown, steps: readonly string[], at: number): IterableIterator<unknown> {
  if (Array.isArray(value)) {
    for (const element of value) yield* follow(element, steps, at)
    return
  }
  const step = steps[at]
  if (step === undefined) yield value
  else if (isObject(value) && Object.hasOwn(value, step)) yield* follow(value[step], steps, at + 1)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function idFrom(value: unknown, prefix: string | undefined): string | undefined {
  if (typeof value === 'string') return (prefix ?? '') + value
  return typeof value === 'number' && prefix !== undefined ? prefix + value : undefined
}

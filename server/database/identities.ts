/** Identities: counters that number documents (`users|` → `users/1`), kept for ever, never given twice. */

import type { Reader, Writer } from '#server/storage/engine.types.ts'
import { databaseErrors } from './errors.ts'
import { idKey, nameKey } from './ids.ts'
import { type IdentityRecord, identityCodec, trees } from './tables.ts'
import type { IdentityCommand } from './write-set.ts'

/** All of them, by name. */
export function identities(reader: Reader): IdentityRecord[] {
  return [...reader.range(trees.identities)].map(({ value }) => identityCodec.decode(value))
}

/** Gives the next value, or sets it; see `IdentityCommand`. */
export function applyIdentity(writer: Writer, command: IdentityCommand): number {
  const name = withBar(command.name)
  const value = current(writer, name)
  if (command.seed === undefined) return save(writer, name, value + 1)
  if (command.force !== true && command.seed <= value) return value
  return save(writer, name, command.seed)
}

/** The id for `users|`: the next number under which no document lies. */
export function identityId(writer: Writer, name: string): string {
  const prefix = `${name.slice(0, -1)}/`
  const isFree = (value: number) =>
    writer.get(trees.documents, idKey(`${prefix}${value}`)) === undefined
  const value = firstFree(current(writer, name) + 1, isFree)
  return `${prefix}${save(writer, name, value)}`
}

/** Looks at the next ones, then in doubling steps and back between the last two: few looks even where millions of numbers are taken. */
function firstFree(from: number, isFree: (value: number) => boolean): number {
  if (isFree(from)) return from
  let [taken, step] = [from, 1]
  while (!isFree(taken + step)) {
    taken += step
    step *= 2
  }
  let free = taken + step
  while (free - taken > 1) {
    const middle = Math.floor((taken + free) / 2)
    if (isFree(middle)) free = middle
    else taken = middle
  }
  return free
}

function current(reader: Reader, name: string): number {
  const bytes = reader.get(trees.identities, nameKey(name))
  return bytes === undefined ? 0 : identityCodec.decode(bytes).value
}

function save(writer: Writer, name: string, value: number): number {
  if (!Number.isSafeInteger(value)) throw databaseErrors.NumbersExhausted(name)
  const bytes = writer.get(trees.identities, nameKey(name))
  const asFirstWritten = bytes === undefined ? name : identityCodec.decode(bytes).name
  writer.put(trees.identities, nameKey(name), identityCodec.encode({ value, name: asFirstWritten }))
  return value
}

function withBar(name: string): string {
  return name.endsWith('|') ? name : `${name}|`
}

/** Is what we want already so? Compares only the fields that are ours. */
import { isSameQuantity } from './quantity.ts'

/** Fields whose values are quantities, and maps that hold nothing else. */
const quantityMaps = new Set(['requests', 'limits'])
const quantities = new Set(['sizeLimit'])

/**
 * True where every field of `wanted` is in `present` with the same value. Fields that others set, or that the API server
 * defaulted, do not count; empty objects and lists may be left out, as it leaves them out. Lists must have the same length,
 * and their items are compared in order. Quantities are equal where they mean the same.
 */
export function covers(present: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(present)) return present === undefined && wanted.length === 0
    return (
      present.length === wanted.length &&
      wanted.every((item, index) => covers(present[index], item))
    )
  }
  if (typeof wanted !== 'object' || wanted === null) return present === wanted
  if (typeof present !== 'object' || present === null)
    return present === undefined && isEmpty(wanted)
  return Object.entries(wanted).every(([key, value]) =>
    coversField(key, (present as Record<string, unknown>)[key], value),
  )
}

function coversField(key: string, present: unknown, wanted: unknown): boolean {
  if (quantities.has(key)) return isSame(present, wanted)
  if (!quantityMaps.has(key) || !isMap(present) || !isMap(wanted)) return covers(present, wanted)
  return Object.entries(wanted).every(([name, value]) => isSame(present[name], value))
}

function isSame(present: unknown, wanted: unknown): boolean {
  return typeof present === 'string' && typeof wanted === 'string'
    ? isSameQuantity(present, wanted)
    : covers(present, wanted)
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isEmpty(value: object): boolean {
  return Object.values(value).every((inner) => covers(undefined, inner))
}

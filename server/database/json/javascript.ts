/** JSON from outside as JavaScript has it, in slices: `JSON.parse` takes a long text in one go, and a hostile one for a second. */
import { jsonDepthMax, jsonPieceBytes } from '#server/limits.ts'
import { inSlices } from '../slices.ts'
import { exactJsOf, spelledJsOf } from './number-text.ts'
import { scanJsonInSteps, scanJsonObjectInSteps } from './scan.ts'
import type { JsonValue } from './value.ts'

/** The members of a body that must be an object. Numbers that JavaScript would write otherwise are a NumberText. Throws as the scanner does. */
export function membersOf(body: Buffer): Promise<Readonly<Record<string, unknown>>> {
  return inSlices(membersInSteps(body, spelledJsOf))
}

/** The same with plain numbers, each of which is the one that was written. @throws NumberNotExact besides the scanner's errors */
export function exactMembersOf(body: Buffer): Promise<Readonly<Record<string, unknown>>> {
  return inSlices(membersInSteps(body, exactJsOf))
}

/** How a short text becomes a value. */
type Parse = (text: Buffer) => unknown

function* membersInSteps(
  body: Buffer,
  parse: Parse,
): Generator<number, Readonly<Record<string, unknown>>> {
  const root = yield* scanJsonObjectInSteps(body, depthFor(body))
  return (yield* jsInSteps(root, parse)) as Readonly<Record<string, unknown>>
}

/** The value of a text that was checked before. */
export function* parsedInSteps(text: Buffer): Generator<number, unknown> {
  return yield* jsInSteps(yield* scanJsonInSteps(text, depthFor(text)), spelledJsOf)
}

/** A short text is parsed in one go, so that nothing of it has to be kept. */
function depthFor(text: Buffer): number {
  return text.length > jsonPieceBytes ? jsonDepthMax : 0
}

/** A value that was kept with all levels below it. */
function* jsInSteps(value: JsonValue, parse: Parse): Generator<number, unknown> {
  const size = value.end - value.start
  if (size <= jsonPieceBytes || (value.kind !== 'object' && value.kind !== 'array')) {
    // Parsing takes several times as long as scanning.
    yield size * 4
    return parse(value.bytes)
  }
  if (value.kind === 'array') {
    const list: unknown[] = []
    for (const child of value.children) list.push(yield* jsInSteps(child, parse))
    return list
  }
  const object = {}
  for (const child of value.children) define(object, child.key, yield* jsInSteps(child, parse))
  return object
}

/** Also under `__proto__`, which is a name like any other in JSON. */
function define(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  })
}

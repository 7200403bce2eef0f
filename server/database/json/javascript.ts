/** JSON from outside as JavaScript has it, in slices: `JSON.parse` takes a long text in one go, and a hostile one for a second. */
import { jsonDepthMax, jsonPieceBytes } from '#server/limits.ts'
import { inSlices } from '../slices.ts'
import { scanJsonInSteps, scanJsonObjectInSteps } from './scan.ts'
import type { JsonValue } from './value.ts'

/** The members of a body that must be an object. Numbers lose their spelling: only for settings. Throws as the scanner does. */
export function membersOf(body: Buffer): Promise<Readonly<Record<string, unknown>>> {
  return inSlices(membersInSteps(body))
}

function* membersInSteps(body: Buffer): Generator<number, Readonly<Record<string, unknown>>> {
  const root = yield* scanJsonObjectInSteps(body, depthFor(body))
  return (yield* jsInSteps(root)) as Readonly<Record<string, unknown>>
}

/** The value of a text that was checked before. */
export function* parsedInSteps(text: Buffer): Generator<number, unknown> {
  return yield* jsInSteps(yield* scanJsonInSteps(text, depthFor(text)))
}

/** A short text is parsed in one go, so that nothing of it has to be kept. */
function depthFor(text: Buffer): number {
  return text.length > jsonPieceBytes ? jsonDepthMax : 0
}

/** A value that was kept with all levels below it. */
function* jsInSteps(value: JsonValue): Generator<number, unknown> {
  const size = value.end - value.start
  if (size <= jsonPieceBytes || (value.kind !== 'object' && value.kind !== 'array')) {
    // Parsing takes several times as long as scanning.
    yield size * 4
    return value.toJs()
  }
  if (value.kind === 'array') {
    const list: unknown[] = []
    for (const child of value.children) list.push(yield* jsInSteps(child))
    return list
  }
  const object = {}
  for (const child of value.children) define(object, child.key, yield* jsInSteps(child))
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

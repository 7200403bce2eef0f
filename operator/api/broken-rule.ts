/** The rules of a kind, looked at here as the API server looks at them: for what was stored before they were there. */
import type { FieldRule } from './common.ts'

/** The first rule that a spec breaks, as `/spec/… message`; nothing where all hold. Rules without a function are the API server's alone. */
export function brokenRule(rules: readonly FieldRule[], spec: unknown): string | undefined {
  for (const { path, holds, message } of rules) {
    if (holds === undefined) continue
    const broken = valuesAt(spec, path).find(({ value }) => !holds(value))
    if (broken !== undefined) return `/spec${broken.at}: ${message}`
  }
  return undefined
}

interface Value {
  /** JSON pointer below the spec. */
  readonly at: string
  readonly value: unknown
}

/** A rule on what is not there is not looked at. */
function valuesAt(spec: unknown, path: readonly string[]): readonly Value[] {
  let found: readonly Value[] = [{ at: '', value: spec }]
  for (const name of path) found = found.flatMap((one) => inside(one, name))
  return found
}

function inside({ at, value }: Value, name: string): readonly Value[] {
  if (name === '[]') {
    const items = Array.isArray(value) ? value : []
    return items.map((item, index) => ({ at: `${at}/${index}`, value: item }))
  }
  const inner = (value as Record<string, unknown> | null | undefined)?.[name]
  return inner === undefined ? [] : [{ at: `${at}/${name}`, value: inner }]
}

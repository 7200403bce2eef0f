/** What a comparison found, and how it is printed. */
import type { GoldenStep } from './golden.ts'
import { covering, type Difference, differences, type ExpectedDifference } from './judge.ts'

/** A step that was answered otherwise than declared. */
export interface Undeclared {
  /** `scenario/step`. */
  readonly step: string
  /** `GET /databases as operator`. */
  readonly request: string
  readonly differences: readonly Difference[]
}

/** Counts and findings of one comparison. */
export class Report {
  readonly undeclared: Undeclared[] = []
  /** Steps that the record does not know. */
  readonly unknown: string[] = []
  readonly #expected: readonly ExpectedDifference[]
  readonly #used = new Set<ExpectedDifference>()
  readonly #notBuilt = new Map<string, number>()
  readonly #missing = new Set<string>()
  same = 0
  declared = 0
  notBuilt = 0
  /** Steps that need a value or an identity from a step on a route that is not built. */
  following = 0

  constructor(expected: readonly ExpectedDifference[]) {
    this.#expected = expected
  }

  /** A step on a route that the server does not have yet, and what it would have given later ones. */
  countNotBuilt(route: string, gives: readonly string[] = []): void {
    this.notBuilt++
    this.#notBuilt.set(route, (this.#notBuilt.get(route) ?? 0) + 1)
    for (const name of gives) this.#missing.add(name)
  }

  /** A step that needs one of those; true if it was counted as such. */
  countFollowing(needs: readonly string[], gives: readonly string[]): boolean {
    if (!needs.some((name) => this.#missing.has(name))) return false
    this.following++
    for (const name of gives) this.#missing.add(name)
    return true
  }

  /** Compares one answer with its record. */
  judge(step: string, request: string, golden: GoldenStep, answer: GoldenStep): void {
    const found = differences(golden, answer)
    const undeclared = found.filter((difference) => {
      const entries = covering(this.#expected, step, difference)
      for (const entry of entries) this.#used.add(entry)
      return entries.length === 0
    })
    if (undeclared.length > 0) this.undeclared.push({ step, request, differences: undeclared })
    else if (found.length > 0) this.declared++
    else this.same++
  }

  /** Declarations that cover nothing any more. */
  stale(): ExpectedDifference[] {
    return this.#expected.filter((entry) => !this.#used.has(entry))
  }

  /** One line of counts. */
  summary(): string {
    return (
      `${this.same} same, ${this.declared} declared differences, ${this.undeclared.length} undeclared, ` +
      `${this.notBuilt} on routes not built yet (${this.following} more need their answers)`
    )
  }

  /** Routes that are not built, with the number of steps on each. */
  notBuiltRoutes(): string[] {
    return [...this.#notBuilt].map(([route, steps]) => `${route} ${steps}`).sort()
  }

  /** The undeclared differences, at most twelve of each step. */
  lines(): string[] {
    return this.undeclared.flatMap(({ step, request, differences: found }) => [
      `differs   ${step}: ${request}`,
      ...found.slice(0, 12).map(({ at, text }) => `            ${at}: ${text}`),
      ...(found.length > 12 ? [`            … ${found.length - 12} more`] : []),
    ])
  }
}

/** The part of a query after WHERE. `and` binds tighter than `or`; conditions are on the id alone. */

import { queryDepthMax } from '#server/limits.ts'
import { queryErrors } from './errors.ts'
import type { Condition, Value } from './query.types.ts'
import { shown, type Tokens } from './tokens.ts'

/** Reads as much as is a condition. `alias`: name under which the query may call the document. */
export function parsedCondition(tokens: Tokens, alias: string | undefined): Condition {
  return new ConditionParser(tokens, alias).either(0)
}

class ConditionParser {
  readonly #tokens: Tokens
  readonly #alias: string | undefined

  constructor(tokens: Tokens, alias: string | undefined) {
    this.#tokens = tokens
    this.#alias = alias
  }

  either(depth: number): Condition {
    if (depth > queryDepthMax)
      throw queryErrors.QueryInvalid(
        `its conditions are nested deeper than ${queryDepthMax} levels`,
      )
    const of = [this.#both(depth)]
    while (this.#tokens.took('or') || this.#tokens.tookSymbol('||')) of.push(this.#both(depth))
    return joined('or', of)
  }

  #both(depth: number): Condition {
    const of = [this.#negated(depth)]
    while (this.#tokens.took('and') || this.#tokens.tookSymbol('&&')) of.push(this.#negated(depth))
    return joined('and', of)
  }

  #negated(depth: number): Condition {
    let negations = 0
    while (this.#tokens.took('not')) negations += 1
    const condition = this.#primary(depth)
    return negations % 2 === 1 ? { kind: 'not', condition } : condition
  }

  #primary(depth: number): Condition {
    const tokens = this.#tokens
    if (tokens.tookSymbol('(')) {
      const condition = this.either(depth + 1)
      tokens.expectSymbol(')')
      return condition
    }
    if (tokens.tookId(this.#alias)) return this.#comparison()
    if (tokens.peek('true') && !tokens.nextIsOperator()) {
      tokens.took('true')
      return { kind: 'true' }
    }
    if (tokens.peek('startswith') && tokens.next.text === '(') return this.#startsWith()
    const name = tokens.path('a condition after WHERE')
    throw queryErrors.QueryNotSupported(
      tokens.peekSymbol('(') ? `${shown(name)}() in WHERE` : `WHERE on the field "${shown(name)}"`,
    )
  }

  #comparison(): Condition {
    const tokens = this.#tokens
    if (tokens.tookSymbol('=') || tokens.tookSymbol('=='))
      return { kind: 'is', value: this.#value() }
    if (tokens.tookSymbol('!=') || tokens.tookSymbol('<>'))
      return { kind: 'not', condition: { kind: 'is', value: this.#value() } }
    if (tokens.took('in')) return { kind: 'in', values: this.#values() }
    if (tokens.current.kind === 'end') throw tokens.syntax('an operator after id()')
    throw queryErrors.QueryNotSupported(`id() ${shown(tokens.current.text)}`)
  }

  #values(): readonly Value[] {
    const tokens = this.#tokens
    tokens.expectSymbol('(')
    const values: Value[] = []
    if (tokens.tookSymbol(')')) return values
    do values.push(this.#value())
    while (tokens.tookSymbol(','))
    tokens.expectSymbol(')')
    return values
  }

  #startsWith(): Condition {
    const tokens = this.#tokens
    tokens.took('startswith')
    tokens.expectSymbol('(')
    if (!tokens.tookId(this.#alias)) {
      const field = tokens.path('a field after startsWith(')
      throw queryErrors.QueryNotSupported(`startsWith() on the field "${shown(field)}"`)
    }
    tokens.expectSymbol(',')
    const value = this.#value()
    tokens.expectSymbol(')')
    return { kind: 'startsWith', value }
  }

  #value(): Value {
    return this.#tokens.value('a value')
  }
}

function joined(kind: 'and' | 'or', of: readonly Condition[]): Condition {
  const [only] = of
  return of.length === 1 && only !== undefined ? only : { kind, of }
}

/** A place in the tokens of a query, and the questions that the parser asks there. Keywords are compared without regard to case. */
import { numberOrText } from '#server/database/json/number-text.ts'
import { queryCharactersShown } from '#server/limits.ts'
import { foldCase } from '#shared/fold-case.ts'
import { queryErrors } from './errors.ts'
import { placeOf, type Token, tokens } from './lex.ts'
import type { Value } from './query.types.ts'

/** Words that end what stands before them, so that they are no alias. */
const clauseWords: ReadonlySet<string> = new Set([
  ...['as', 'group', 'where', 'order', 'load', 'filter', 'select', 'update', 'include', 'limit'],
  ...['offset', 'filter_limit'],
])

export class Tokens {
  readonly #query: string
  readonly #all: readonly Token[]
  #at = 0

  constructor(query: string) {
    this.#query = query
    this.#all = tokens(query)
  }

  get current(): Token {
    return this.#token(0)
  }

  get next(): Token {
    return this.#token(1)
  }

  /** True where this keyword comes. */
  peek(word: string): boolean {
    const { kind, text } = this.current
    return kind === 'word' && text.length === word.length && foldCase(text) === word
  }

  peekSymbol(symbol: string): boolean {
    return this.current.kind === 'symbol' && this.current.text === symbol
  }

  /** Steps over this keyword if it comes. */
  took(word: string): boolean {
    return this.#step(this.peek(word))
  }

  tookSymbol(symbol: string): boolean {
    return this.#step(this.peekSymbol(symbol))
  }

  expect(word: string, what: string): void {
    if (!this.took(word)) throw this.syntax(what)
  }

  expectSymbol(symbol: string): void {
    if (!this.tookSymbol(symbol)) throw this.syntax(`"${symbol}"`)
  }

  expectEnd(): void {
    if (this.current.kind !== 'end') throw this.syntax('the end of the query')
  }

  /** Throws where a clause begins that is valid and not built. */
  refuse(word: string): void {
    if (this.peek(word)) throw queryErrors.QueryNotSupported(word.toUpperCase())
  }

  /** Steps over `id()` or `id(alias)` if it comes. */
  tookId(alias: string | undefined): boolean {
    if (!this.peek('id') || this.next.text !== '(') return false
    const inside = this.#token(2)
    const named = alias !== undefined && inside.kind === 'word' && inside.text === alias
    if (this.#token(named ? 3 : 2).text !== ')') {
      this.#at += 2
      throw this.syntax(alias === undefined ? '")"' : `")" or "${alias})"`)
    }
    this.#at += named ? 4 : 3
    return true
  }

  /** True where an operator follows the current token, so that it is a field whatever its name. */
  nextIsOperator(): boolean {
    const { kind, text } = this.next
    return kind === 'symbol' ? /^[=<>!.]/.test(text) : /^(?:in|between|all)$/i.test(text)
  }

  /** True where a name comes that begins no clause. */
  isName(): boolean {
    const { kind, text } = this.current
    return kind === 'word' && !clauseWords.has(foldCase(text))
  }

  /** A word or a text. */
  name(what: string): string {
    const { kind, text } = this.current
    if (kind !== 'word' && kind !== 'text') throw this.syntax(what)
    this.#at += 1
    return text
  }

  /** `a`, `'a b'`, `a.b`, `a[].b`. */
  path(what: string): string {
    let path = this.name(what)
    for (;;) {
      if (this.peekSymbol('[') && this.next.text === ']') {
        this.#at += 2
        path += '[]'
      } else if (this.tookSymbol('.')) path += `.${this.name('a name after "."')}`
      else return path
    }
  }

  value(what: string): Value {
    const { kind, text } = this.current
    const value = valueIn(kind, text)
    if (value === undefined) throw this.syntax(what)
    this.#at += 1
    return value
  }

  /** The error that something else was expected here. */
  syntax(expected: string): Error {
    const { kind, text, at } = this.current
    const found = kind === 'end' ? 'the query ends' : `there is "${shown(text)}"`
    return queryErrors.QuerySyntax(
      placeOf(this.#query, at),
      `${found}, but ${expected} was expected`,
    )
  }

  #token(ahead: number): Token {
    return this.#all[this.#at + ahead] ?? { kind: 'end', text: '', at: this.#query.length }
  }

  #step(forward: boolean): boolean {
    if (forward) this.#at += 1
    return forward
  }
}

/** Enough of what a query says to find the place in it. */
export function shown(text: string): string {
  return text.length > queryCharactersShown ? `${text.slice(0, queryCharactersShown)}…` : text
}

function valueIn(kind: Token['kind'], text: string): Value | undefined {
  if (kind === 'parameter') return { kind: 'parameter', name: text }
  if (kind === 'text') return { kind: 'literal', value: text }
  if (kind === 'number') return { kind: 'literal', value: numberOrText(text) }
  if (kind !== 'word') return undefined
  switch (foldCase(text)) {
    case 'null':
      return { kind: 'literal', value: null }
    case 'true':
      return { kind: 'literal', value: true }
    case 'false':
      return { kind: 'literal', value: false }
    default:
      return undefined
  }
}

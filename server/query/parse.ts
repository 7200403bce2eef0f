/**
 * RQL → Query. What the language allows and this version does not run is refused by name, never answered in part:
 *
 *   from Collection | 'Collection' | @all_docs | index 'Name'   [as alias]
 *   where id() = … | id() in (…) | startsWith(id(), …), with and, or, not, true and parentheses
 *   order by id() [desc]      include paths      limit …
 */

import { queryCharactersMax } from '#server/limits.ts'
import { queryErrors } from './errors.ts'
import { parsedCondition } from './parse-condition.ts'
import type { Query, Source, Value } from './query.types.ts'
import { shown, Tokens } from './tokens.ts'

/** Throws QuerySyntax for what is no RQL, QueryNotSupported for what is more of it than runs here. */
export function parsedQuery(text: string): Query {
  if (text.trim() === '') throw queryErrors.QueryTextMissing()
  if (text.length > queryCharactersMax)
    throw queryErrors.QueryTooLong(text.length, queryCharactersMax)
  return new Parser(new Tokens(text)).query()
}

class Parser {
  readonly #tokens: Tokens

  constructor(tokens: Tokens) {
    this.#tokens = tokens
  }

  query(): Query {
    const tokens = this.#tokens
    for (const word of ['declare', 'with', 'match']) tokens.refuse(word)
    tokens.expect('from', 'FROM')
    const source = this.#source()
    const alias = this.#alias()
    // There are no indexes yet: whatever else the query says, the answer is that this one does not exist.
    if (source.kind === 'index') return { source, where: { kind: 'true' }, includes: [] }
    tokens.refuse('group')
    const where = tokens.took('where')
      ? parsedCondition(tokens, alias)
      : ({ kind: 'true' } as const)
    const order = tokens.took('order') ? this.#order(alias) : undefined
    for (const word of ['load', 'filter', 'select', 'update']) tokens.refuse(word)
    const includes = tokens.took('include') ? this.#includes(alias) : []
    const page = tokens.took('limit') ? this.#limit() : {}
    tokens.refuse('filter_limit')
    tokens.expectEnd()
    return { source, where, includes, ...(order === undefined ? {} : { order }), ...page }
  }

  #source(): Source {
    const tokens = this.#tokens
    const isIndex = tokens.peek('index') && tokens.next.kind === 'text'
    if (isIndex) tokens.took('index')
    const name = tokens.name('the name of a collection after FROM')
    if (tokens.peekSymbol('(')) throw queryErrors.QueryNotSupported('a condition inside FROM')
    return { kind: isIndex ? 'index' : 'collection', name }
  }

  #alias(): string | undefined {
    if (this.#tokens.took('as')) return this.#tokens.name('an alias after AS')
    return this.#tokens.isName() ? this.#tokens.name('an alias') : undefined
  }

  #order(alias: string | undefined): 'ascending' | 'descending' {
    this.#tokens.expect('by', 'BY')
    const first = this.#direction(alias)
    // An id is there once: whatever further orderings by it say, they have nothing to decide.
    while (this.#tokens.tookSymbol(',')) this.#direction(alias)
    return first
  }

  #direction(alias: string | undefined): 'ascending' | 'descending' {
    const tokens = this.#tokens
    if (!tokens.tookId(alias))
      throw queryErrors.QueryNotSupported(`ORDER BY ${shown(tokens.current.text)}`)
    if (tokens.took('as') && !tokens.took('string'))
      throw queryErrors.QueryNotSupported(`ORDER BY id() as ${shown(tokens.current.text)}`)
    tokens.refuse('nulls')
    if (tokens.took('desc') || tokens.took('descending')) return 'descending'
    if (!tokens.took('asc')) tokens.took('ascending')
    return 'ascending'
  }

  #includes(alias: string | undefined): readonly string[] {
    const paths = [this.#includePath(alias)]
    while (this.#tokens.tookSymbol(',')) paths.push(this.#includePath(alias))
    return paths
  }

  #includePath(alias: string | undefined): string {
    const path = this.#tokens.path('a path after INCLUDE')
    if (this.#tokens.peekSymbol('('))
      throw queryErrors.QueryNotSupported(`INCLUDE ${shown(path)}()`)
    return alias !== undefined && path.startsWith(`${alias}.`) ? path.slice(alias.length + 1) : path
  }

  /** `limit count`, `limit offset, count`, `limit count offset offset`. */
  #limit(): { readonly offset?: Value; readonly limit: Value } {
    const first = this.#tokens.value('a number after LIMIT')
    if (this.#tokens.tookSymbol(','))
      return { offset: first, limit: this.#tokens.value('a second number after LIMIT') }
    if (this.#tokens.took('offset'))
      return { offset: this.#tokens.value('a number after OFFSET'), limit: first }
    return { limit: first }
  }
}

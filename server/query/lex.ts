/**
 * RQL as tokens. Nothing is understood here but where one token ends, and nothing is refused: queries hold JavaScript too, and what
 * cannot be in a place is the parser's to say.
 */

export type TokenKind = 'word' | 'text' | 'number' | 'parameter' | 'symbol' | 'end'

export interface Token {
  readonly kind: TokenKind
  /** As meant: without quotes and escapes, a parameter without its `$`. */
  readonly text: string
  /** Where it begins, for errors. */
  readonly at: number
}

/** Each reads what it consumes once, so that all of them together read a text once, too. */
const patterns: readonly (readonly [TokenKind, RegExp])[] = [
  ['word', /[\p{L}_@][\p{L}\p{N}_@-]*/uy],
  ['number', /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y],
  ['parameter', /\$[\p{L}\p{N}_]+/uy],
  ['symbol', /==|!=|<>|<=|>=|&&|\|\||[\s\S]/uy],
]

/**
 * All tokens and an `end`, in time that grows with the length of the text. A character that begins nothing else is a symbol, so is a
 * quote that is never closed.
 */
export function tokens(query: string): readonly Token[] {
  return new Lexer(query).all()
}

class Lexer {
  readonly #query: string
  #at = 0
  /** What was looked for up to the end and is nowhere: it is not looked for again from a later place. */
  readonly #absent = new Set<string>()

  constructor(query: string) {
    this.#query = query
  }

  all(): readonly Token[] {
    const found: Token[] = []
    while (this.#at < this.#query.length) {
      const at = this.#at
      const spaceEnd = this.#spaceEnd()
      if (spaceEnd > at) this.#at = spaceEnd
      else found.push(this.#text() ?? this.#other())
    }
    found.push({ kind: 'end', text: '', at: this.#at })
    return found
  }

  /** Behind the white space or the comment that begins here. */
  #spaceEnd(): number {
    const query = this.#query
    if (query.startsWith('//', this.#at)) {
      const end = query.indexOf('\n', this.#at)
      return end < 0 ? query.length : end
    }
    if (query.startsWith('/*', this.#at)) {
      const end = this.#find('*/', this.#at + 2)
      return end < 0 ? this.#at : end + 2
    }
    let at = this.#at
    while (at < query.length && /\s/.test(query.charAt(at))) at += 1
    return at
  }

  #find(what: string, from: number): number {
    if (this.#absent.has(what)) return -1
    const found = this.#query.indexOf(what, from)
    if (found < 0) this.#absent.add(what)
    return found
  }

  #text(): Token | undefined {
    const at = this.#at
    const quote = this.#query.charAt(at)
    if (quote !== "'" && quote !== '"') return undefined
    const end = this.#closing(quote)
    if (end === undefined) return undefined
    this.#at = end + 1
    return { kind: 'text', text: unescaped(this.#query.slice(at + 1, end)), at }
  }

  /** A quote that stays open from here stays so from every later place: the pairs behind a backslash are the same ones there. */
  #closing(quote: string): number | undefined {
    if (this.#absent.has(quote)) return undefined
    const query = this.#query
    for (let at = this.#at + 1; at < query.length; at += query[at] === '\\' ? 2 : 1) {
      if (query[at] === quote) return at
    }
    this.#absent.add(quote)
    return undefined
  }

  #other(): Token {
    const at = this.#at
    for (const [kind, pattern] of patterns) {
      // A sticky expression begins where it is told each time: nothing is kept between two calls.
      pattern.lastIndex = at
      const raw = pattern.exec(this.#query)?.[0]
      if (raw === undefined) continue
      this.#at += raw.length
      return { kind, text: kind === 'parameter' ? raw.slice(1) : raw, at }
    }
    this.#at += 1
    return { kind: 'symbol', text: this.#query.charAt(at), at }
  }
}

function unescaped(text: string): string {
  return text.includes('\\') ? text.replace(/\\([\s\S])/g, '$1') : text
}

/** `2:14`: line and column of a place, from 1. */
export function placeOf(query: string, at: number): string {
  const before = query.slice(0, at).split('\n')
  return `${before.length}:${(before.at(-1) ?? '').length + 1}`
}

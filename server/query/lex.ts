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

const patterns: readonly (readonly [TokenKind | 'space', RegExp])[] = [
  ['space', /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\//y],
  ['word', /[\p{L}_@][\p{L}\p{N}_@-]*/uy],
  ['number', /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y],
  ['parameter', /\$[\p{L}\p{N}_]+/uy],
  ['text', /'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"/y],
  ['symbol', /==|!=|<>|<=|>=|&&|\|\||[\s\S]/uy],
]

/** All tokens and an `end`. A character that begins nothing else is a symbol, so is a quote that is never closed. */
export function tokens(query: string): readonly Token[] {
  const found: Token[] = []
  let at = 0
  while (at < query.length) {
    const { kind, raw } = tokenAt(query, at)
    if (kind !== 'space') found.push({ kind, text: meant(kind, raw), at })
    at += raw.length
  }
  return [...found, { kind: 'end', text: '', at }]
}

function tokenAt(query: string, at: number): { kind: TokenKind | 'space'; raw: string } {
  for (const [kind, pattern] of patterns) {
    // A sticky expression begins where it is told each time: nothing is kept between two calls.
    pattern.lastIndex = at
    const raw = pattern.exec(query)?.[0]
    if (raw !== undefined) return { kind, raw }
  }
  return { kind: 'symbol', raw: query.charAt(at) }
}

function meant(kind: TokenKind, raw: string): string {
  if (kind === 'parameter') return raw.slice(1)
  return kind === 'text' ? raw.slice(1, -1).replace(/\\([\s\S])/g, '$1') : raw
}

/** `2:14`: line and column of a place, from 1. */
export function placeOf(query: string, at: number): string {
  const before = query.slice(0, at).split('\n')
  return `${before.length}:${(before.at(-1) ?? '').length + 1}`
}

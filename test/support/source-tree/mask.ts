/**
 * Source text with its comments, or its comments and quoted texts, replaced by spaces: what rules about code look at.
 * Every character keeps its place. Not a parser: a template inside a template is seen as quoted, code, quoted.
 */

export interface Masked {
  /** Without comments. */
  readonly code: string
  /** Without comments and without what stands inside quotes, templates and regular expressions; `${…}` stays. */
  readonly bare: string
}

const comment = /\/\/[^\n]*|\/\*[\s\S]*?\*\//
const quoted = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/
const template = /`(?:\\[\s\S]|\$\{[^{}]*\}|[^`\\])*`/
/** A slash begins a regular expression after an operator, a bracket or a word such as `return`; else it divides. */
const regex =
  /(?<=(?:[(,=:[!&|?{};+\-*<>~^%]|\b(?:return|typeof|case|yield|await))\s*)\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/

const hidden = new RegExp(
  [comment, quoted, template, regex].map((form) => form.source).join('|'),
  'g',
)

export function mask(text: string): Masked {
  return {
    code: text.replace(hidden, (part) => (isComment(part) ? blank(part) : part)),
    bare: text.replace(hidden, (part) => (isComment(part) ? blank(part) : blankQuoted(part))),
  }
}

/** The regular expressions that stand in the text, as they are written there. */
export function regularExpressions(text: string): string[] {
  const found = text.match(hidden) ?? []
  return found.filter((part) => part.startsWith('/') && !isComment(part))
}

function isComment(part: string): boolean {
  return part.startsWith('//') || part.startsWith('/*')
}

function blank(part: string): string {
  return part.replace(/[^\n]/g, ' ')
}

function blankQuoted(part: string): string {
  if (!part.startsWith('`')) return blank(part)
  return part.replace(/\$\{([^{}]*)\}|[^\n]/g, (_, inside?: string) =>
    inside === undefined ? ' ' : `  ${inside} `,
  )
}

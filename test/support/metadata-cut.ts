/**
 * Takes `@metadata` out of a document's text, by a scanner of the tests' own, so that the rest can be compared byte for byte.
 */

export interface CutDocument {
  /** What stands before the member and after it, without the comma that went with it and the white space beside that. */
  readonly before: string
  readonly after: string
  /** The value of `@metadata`, or nothing; then `before` is the whole text and `after` is empty. */
  readonly metadata: Readonly<Record<string, unknown>> | undefined
}

const blank = /[ \t\r\n]/

/** Cuts the text of one object at its top-level `@metadata`. Throws on text that is no object. */
export function cutMetadata(text: string): CutDocument {
  const member = topLevelMembers(text).find(({ key }) => key === '@metadata')
  if (member === undefined) return { before: text, after: '', metadata: undefined }
  return {
    before: text.slice(0, member.start).replace(/[ \t\r\n]*,?[ \t\r\n]*$/, ''),
    after: text.slice(member.end).replace(/^[ \t\r\n]*,?[ \t\r\n]*/, ''),
    metadata: JSON.parse(text.slice(member.valueStart, member.end)),
  }
}

/** What stands before `@metadata` where it is the last member, as servers send documents: byte for byte, but for its comma. */
export function beforeLastMetadata(text: string): string {
  const members = topLevelMembers(text)
  const last = members.at(-1)
  if (last?.key !== '@metadata')
    throw new Error(`@metadata is not the last member of ${text.slice(0, 200)}`)
  const before = text.slice(0, last.start)
  return members.length > 1 ? before.replace(/,$/, '') : before
}

interface Member {
  readonly key: string
  readonly start: number
  readonly valueStart: number
  readonly end: number
}

/** Members of the object that begins at `at`, with the places of key and value. */
export function topLevelMembers(text: string, at = 0): Member[] {
  const members: Member[] = []
  let position = skipBlank(text, at)
  if (text[position] !== '{') throw new Error(`no object at ${position}`)
  position = skipBlank(text, position + 1)
  while (text[position] !== '}') {
    const start = position
    const keyEnd = endOfString(text, start)
    const valueStart = skipBlank(text, skipBlank(text, keyEnd) + 1)
    const end = endOfValue(text, valueStart)
    members.push({ key: JSON.parse(text.slice(start, keyEnd)), start, valueStart, end })
    position = skipBlank(text, end)
    if (text[position] === ',') position = skipBlank(text, position + 1)
    else if (text[position] !== '}') throw new Error(`neither comma nor end at ${position}`)
  }
  return members
}

/** Texts of the items of the array that begins at `at`. */
export function arrayItems(text: string, at: number): string[] {
  const items: string[] = []
  let position = skipBlank(text, at + 1)
  while (text[position] !== ']') {
    const end = endOfValue(text, position)
    items.push(text.slice(position, end))
    position = skipBlank(text, end)
    if (text[position] === ',') position = skipBlank(text, position + 1)
    else if (text[position] !== ']') throw new Error(`neither comma nor end at ${position}`)
  }
  return items
}

/** The texts of the documents in an answer of `/docs`: `Results`, in order, `null` as that word. */
export function resultTexts(answer: string): string[] {
  const results = topLevelMembers(answer).find((member) => member.key === 'Results')
  if (results === undefined) throw new Error('no Results in the answer')
  return arrayItems(answer, results.valueStart)
}

function skipBlank(text: string, from: number): number {
  let at = from
  while (at < text.length && blank.test(text[at] as string)) at++
  return at
}

function endOfString(text: string, from: number): number {
  let at = from + 1
  while (text[at] !== '"') {
    if (at >= text.length) throw new Error('string without end')
    at += text[at] === '\\' ? 2 : 1
  }
  return at + 1
}

function endOfValue(text: string, from: number): number {
  const first = text[from]
  if (first === '"') return endOfString(text, from)
  if (first !== '{' && first !== '[') {
    let at = from
    while (at < text.length && !/[,\]} \t\r\n]/.test(text[at] as string)) at++
    return at
  }
  let depth = 0
  for (let at = from; at < text.length; at++) {
    const character = text[at]
    if (character === '"') at = endOfString(text, at) - 1
    else if (character === '{' || character === '[') depth++
    else if ((character === '}' || character === ']') && --depth === 0) return at + 1
  }
  throw new Error('object or array without end')
}

/**
 * Records by hand which characters a RavenDB does not tell apart in ids, of all planes:
 *
 *   node test/peer/record-fold-case.ts --url http://127.0.0.1:8080
 *
 * wants a fresh RavenDB without certificates. It stores a document under each character, in order, and then loads each of them: those that
 * answer the same document are one set. `golden-7.2/fold-case.json` holds the sets of more than one.
 */
import fs from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'

const file = path.join(import.meta.dirname, 'golden-7.2', 'fold-case.json')
const database = 'fold-case'
const charactersPerRequest = 20_000
const lineCharactersMax = 40

const { url } = parseArgs({ options: { url: { type: 'string' } } }).values
if (url === undefined) throw new Error('Give the address of a RavenDB: --url http://127.0.0.1:8080')

await ask('PUT', `/admin/databases?name=${database}`, { DatabaseName: database })
for (const part of parts()) {
  const commands = part.map((character) => ({
    ...{ Type: 'PUT', Id: idOf(character), ChangeVector: null },
    Document: { character },
  }))
  await ask('POST', `/databases/${database}/bulk_docs`, { Commands: commands })
}
const sets = new Map<string, string[]>()
for (const part of parts()) {
  const { Results } = await ask('POST', `/databases/${database}/docs`, { Ids: part.map(idOf) })
  for (const [at, { character }] of Results.entries())
    sets.set(character, [...(sets.get(character) ?? []), part[at] ?? ''])
}
const several = [...sets.values()].filter((set) => set.length > 1).map((set) => set.join(''))
await fs.writeFile(file, `[\n${lines(several).join(',\n')}\n]\n`)

/** Everything that an id may hold: no control characters, no halves of a character. */
function* parts(): IterableIterator<readonly string[]> {
  let part: string[] = []
  for (let point = 0x21; point <= 0x10_ffff; point++) {
    const isControl = point >= 0x7f && point < 0xa0
    const isHalf = point >= 0xd800 && point < 0xe000
    if (!isControl && !isHalf) part.push(String.fromCodePoint(point))
    if (part.length < charactersPerRequest && point < 0x10_ffff) continue
    yield part
    part = []
  }
}

function idOf(character: string): string {
  return `f/${character}.`
}

function lines(words: readonly string[]): string[] {
  const found: string[] = []
  for (const word of words) {
    const longer = `${found.at(-1) ?? ''} ${word}`.trim()
    if (longer.length <= lineCharactersMax) found.splice(-1, 1, longer)
    else found.push(word)
  }
  return found.map((line) => JSON.stringify(line))
}

async function ask(method: string, target: string, body: unknown) {
  const answer = await fetch(url + target, {
    ...{ method, body: JSON.stringify(body) },
    headers: { 'content-type': 'application/json' },
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${target}: ${answer.status} ${text.slice(0, 500)}`)
  return JSON.parse(text === '' ? '{}' : text) as { Results: { character: string }[] }
}

/** Reading documents back where some may be damaged: each is right, or an error that has a code. */
import assert from 'node:assert/strict'
import { docsPath, isCoded } from './api.ts'
import type { Answer, Caller } from './caller.ts'
import { resultTexts } from './metadata-cut.ts'
import { assertSame } from './stored-documents.ts'

export interface Sent {
  readonly id: string
  readonly text: string
}

/** Fails on wrong or missing data; resolves with the number of documents that gave a coded error. */
export async function readOrError(
  on: Caller,
  database: string,
  sent: readonly Sent[],
): Promise<number> {
  let errors = 0
  for (const document of sent) {
    const answer = await on.get(docsPath(database, document.id))
    if (answer.status === 200) assertSame(document, resultTexts(answer.text)[0] ?? 'null')
    else {
      assertCoded(answer, `reading ${document.id}`)
      errors++
    }
  }
  return errors
}

/** Fails unless every document is there as it was sent. */
export async function readAll(on: Caller, database: string, sent: readonly Sent[]): Promise<void> {
  for (let from = 0; from < sent.length; from += 200) {
    const group = sent.slice(from, from + 200)
    const answer = await on.post(`/databases/${database}/docs`, { Ids: group.map(({ id }) => id) })
    assert.equal(answer.status, 200, answer.text.slice(0, 500))
    for (const [place, text] of resultTexts(answer.text).entries()) {
      const document = group[place]
      if (document !== undefined) assertSame(document, text)
    }
  }
}

/** Of documents that were sent and never answered, those that are there; fails where one of them is not as it was sent. */
export async function wholeOrAbsent(
  on: Caller,
  database: string,
  unanswered: readonly Sent[],
): Promise<Sent[]> {
  const there: Sent[] = []
  for (const document of unanswered) {
    const answer = await on.get(docsPath(database, document.id))
    if (answer.status === 404) continue
    assertSame(document, resultTexts(answer.text)[0] ?? 'null')
    there.push(document)
  }
  return there
}

/** Fails unless the database holds these documents and no others, by whichever of its trees one counts. */
export async function assertComplete(
  on: Caller,
  database: string,
  documents: readonly Sent[],
): Promise<void> {
  const statistics = (await on.get(`/databases/${database}/stats`)).json()
  assert.equal(statistics.CountOfDocuments, documents.length)
  const newestFirst = (await on.get(`/databases/${database}/docs?metadataOnly=true`)).json()
  const listed = newestFirst.Results as { '@metadata': { '@id': string } }[]
  const ids = new Set(documents.map(({ id }) => id))
  assert.equal(listed.length, ids.size)
  for (const { '@metadata': metadata } of listed) assert.ok(ids.has(metadata['@id']))
}

/** Fails unless the answer is a coded error. A 404 would mean that the document never was. */
function assertCoded(answer: Answer, what: string): void {
  assert.notEqual(answer.status, 404, what)
  assert.ok(isCoded(answer), `${what}: ${answer.status} ${answer.text.slice(0, 300)}`)
}

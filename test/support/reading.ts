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

/** Fails unless the answer is a coded error. A 404 would mean that the document never was. */
function assertCoded(answer: Answer, what: string): void {
  assert.notEqual(answer.status, 404, what)
  assert.ok(isCoded(answer), `${what}: ${answer.status} ${answer.text.slice(0, 300)}`)
}

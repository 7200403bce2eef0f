/** How long others wait for their answers while something large is going on. */
import { docsPath } from './api.ts'
import type { Caller } from './caller.ts'

/** The body of a batch of that many documents of some `bytes` each. */
export function largeBatch(commands: number, bytes: number): Buffer {
  const text = 'x'.repeat(bytes)
  const puts = Array.from(
    { length: commands },
    (_, index) =>
      `{"Type":"PUT","Id":"large/${index}","ChangeVector":null,"Document":{"Number":${index},"Text":"${text}","@metadata":{"@collection":"Larges"}}}`,
  )
  return Buffer.from(`{"Commands":[${puts.join()}]}`)
}

/** Loads one document again and again until `work` ends; answers with the longest wait in milliseconds. */
export async function longestWaitMs(
  other: Caller,
  document: { readonly database: string; readonly id: string },
  work: Promise<unknown>,
): Promise<number> {
  let isDone = false
  let longest = 0
  const done = work.finally(() => {
    isDone = true
  })
  while (!isDone) {
    const began = performance.now()
    const { status } = await other.get(docsPath(document.database, document.id))
    if (status !== 200) throw new Error(`the other caller got ${status}`)
    longest = Math.max(longest, performance.now() - began)
  }
  await done
  return longest
}

/** Work that gives others their turn, done in one go. */

/** What the work returns in the end. */
export function ended<T>(work: Generator<unknown, T>): T {
  let step = work.next()
  while (step.done !== true) step = work.next()
  return step.value
}

/** All that a stream gives out, or what is there already. */
export async function gathered(body: readonly Buffer[] | AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

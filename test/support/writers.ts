/** Writers that put new documents one after the other and remember which were acknowledged. */
import { docsPath } from './api.ts'
import type { Caller } from './caller.ts'
import type { Sent } from './reading.ts'

export interface Writers {
  /** Documents whose put was answered with success. */
  readonly acknowledged: Sent[]
  /** Documents sent and not answered: they may be there or not. */
  readonly unanswered: () => Sent[]
  /** No new puts; resolves when the last are answered or have failed. */
  stop(): Promise<void>
}

/** Begins to write with that many at once, each on its turn of the caller's connections. Ids begin with `prefix`. */
export function startWriters(
  on: Caller,
  database: string,
  { count, prefix }: { readonly count: number; readonly prefix: string },
): Writers {
  const acknowledged: Sent[] = []
  const open = new Set<Sent>()
  let over = false
  const write = async (writer: number): Promise<void> => {
    for (let turn = 0; !over; turn++) {
      const id = `${prefix}/${writer}/${turn}`
      const document = {
        id,
        text: `{"writer":${writer},"turn":${turn},"text":"${'x'.repeat((turn * 37) % 900)}"}`,
      }
      open.add(document)
      const answer = await on.put(docsPath(database, id), document.text).catch(() => undefined)
      if (answer === undefined || answer.status > 299) return
      open.delete(document)
      acknowledged.push(document)
    }
  }
  const work = Promise.all(Array.from({ length: count }, (_, writer) => write(writer)))
  return {
    acknowledged,
    unanswered: () => [...open],
    stop: async () => {
      over = true
      await work
    },
  }
}

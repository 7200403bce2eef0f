/**
 * Many clients of a server, in a thread of their own: beside them, in this one, are the name server and the proxy of the CA, whose answers
 * would come too late on a machine that has much to do.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { ClientsWish } from './clients.ts'

export interface Told {
  readonly answered: number
  /** The first of them. */
  readonly failures: readonly string[]
  /** Certificates that were seen, by SHA-256. */
  readonly seen: readonly string[]
}

export interface Load extends AsyncDisposable {
  /** As of a moment ago; after `stop`, in the end. */
  told(): Told
  stop(): Promise<void>
}

export function startLoad(wish: ClientsWish): Load {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: wish })
  const ended = once(worker, 'exit')
  let told: Told = { answered: 0, failures: [], seen: [] }
  worker.on('message', (news: Told) => {
    told = news
  })
  worker.on('error', (error) => {
    told = { ...told, failures: [...told.failures, error.message] }
  })
  const stop = async (): Promise<void> => {
    worker.postMessage('stop')
    await ended
  }
  return { told: () => told, stop, [Symbol.asyncDispose]: stop }
}

/** A few routes on databases in memory, asked without a socket. */
import { createServer } from 'node:http'
import { documentApply } from '#server/database/apply.ts'
import { type Database, openDatabase } from '#server/database/database.ts'
import type { Databases } from '#server/database/databases.ts'
import type { Outcome, WriteSet } from '#server/database/write-set.ts'
import type { Routes } from '#server/http/route.ts'
import { httpServer } from '#server/http/server.ts'
import { openEngine } from '#server/storage/engine.ts'
import type { Engine } from '#server/storage/engine.types.ts'
import { memoryPageStore } from '#server/storage/page-store/memory.ts'
import { mapEngine } from './map-engine.ts'
import { testSealer } from './storage.ts'

/** 22 characters, as ids of databases are. */
export const databaseId = 'AAAAAAAAAAAAAAAAAAAAAA'

export type DocumentEngine = Engine<WriteSet, readonly Outcome[]>

/** The engines that documents are tested on: a plain map, and sealed trees on pages in memory. */
export const documentEngines = {
  map: async (): Promise<DocumentEngine> => mapEngine(documentApply(databaseId)),
  trees: (): Promise<DocumentEngine> =>
    openEngine({
      store: memoryPageStore({ database: 'orders' }),
      sealer: testSealer(),
      apply: documentApply(databaseId),
      clock: { now: () => 0 },
    }),
}

/** A database in memory whose clock stands at one moment and whose new ids count up. */
export function memoryDatabase(
  now: () => number = () => Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  engine: DocumentEngine = mapEngine(documentApply(databaseId)),
): Database {
  let ids = 0
  return openDatabase({
    name: 'orders',
    id: databaseId,
    isEncrypted: true,
    engine,
    clock: { now },
    newId: () => `00000000-0000-0000-0000-${String(++ids).padStart(12, '0')}`,
  })
}

/** The one database, whatever name is asked for. */
export function onlyDatabase(database: Database): Databases {
  return { open: async () => database }
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  /** The body as JavaScript has it; undefined where there is none. */
  readonly body: unknown
}

export interface App {
  /** `path` below `/databases/orders/`; a body that is no text is sent as JSON. */
  call(method: string, path: string, more?: Sent): Promise<Answer>
  [Symbol.asyncDispose](): Promise<void>
}

export interface Sent {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** The routes behind everything that a real request passes but certificates. */
export async function routeApp(routes: Routes): Promise<App> {
  const app = httpServer({
    routes,
    listener: (handler) => createServer(handler),
    admit: () => undefined,
    origins: undefined,
    headers: {},
    topologyEtag: 1,
    observe: () => undefined,
    internalError: (error) => {
      throw error
    },
  })
  await app.ready()
  return {
    call: async (method, path, { body, headers = {} } = {}) => {
      const payload = body === undefined || Buffer.isBuffer(body) ? body : asText(body)
      const url = `/databases/orders/${path}`
      const answer = await app.inject({
        method: method as 'GET',
        url,
        headers: { ...headers },
        ...(payload === undefined ? {} : { payload }),
      })
      const { statusCode: status, payload: text } = answer
      return { status, headers: answer.headers, text, body: text === '' ? undefined : parsed(text) }
    },
    [Symbol.asyncDispose]: () => app.close(),
  }
}

function asText(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body)
}

function parsed(text: string): unknown {
  return JSON.parse(text)
}

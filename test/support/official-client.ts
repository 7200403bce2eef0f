/** RavenDB's official client, unmodified, on a server of the tests. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { DocumentStore, type IAuthOptions } from 'ravendb'
import type { Credentials } from './pki.ts'
import type { ServerProcess } from './server-process.ts'

/** Credentials of the administrator that the first start made, from the file of that kind. */
export function adminCredentials(server: ServerProcess, type: 'pfx' | 'pem'): IAuthOptions {
  const certificate = readFileSync(path.join(server.folder, 'certificates', `admin.${type}`))
  return { type, certificate, ca: server.ca }
}

/** Credentials of a certificate of the tests' own. */
export function pemCredentials(server: ServerProcess, { cert, key }: Credentials): IAuthOptions {
  return { type: 'pem', certificate: key + cert, ca: server.ca }
}

/** An initialized store that goes with its scope. Without `auth` it comes without a certificate. */
export function openStore(
  server: ServerProcess,
  database: string,
  auth?: IAuthOptions,
): DocumentStore & Disposable {
  const store = new DocumentStore(server.url, database)
  if (auth !== undefined) store.authOptions = auth
  store.initialize()
  return Object.assign(store, { [Symbol.dispose]: () => store.dispose() })
}

export interface SeenAnswer {
  readonly method: string
  readonly path: string
  readonly status: number
}

/** Keeps what the client's HTTP library sees on the wire, which the client itself hides (304, for one). */
export function watchAnswers(): { readonly seen: SeenAnswer[] } & Disposable {
  const seen: SeenAnswer[] = []
  const note = (message: unknown): void => {
    const { request, response } = message as {
      readonly request: { readonly method: string; readonly path: string }
      readonly response: { readonly statusCode: number }
    }
    seen.push({ method: request.method, path: request.path, status: response.statusCode })
  }
  subscribe('undici:request:headers', note)
  return { seen, [Symbol.dispose]: () => void unsubscribe('undici:request:headers', note) }
}

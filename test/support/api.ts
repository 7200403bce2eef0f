/** The few calls of the API that most flows make, through a plain caller. */
import assert from 'node:assert/strict'
import type { Answer, Caller } from './caller.ts'

/** Fails with the answer's text where the status is not a success. */
export function succeeded(answer: Answer): Answer {
  assert.ok(
    answer.status >= 200 && answer.status < 300,
    `${answer.status} ${answer.text.slice(0, 500)}`,
  )
  return answer
}

/** Creates a database, encrypted where nothing else is said. */
export async function createDatabase(
  admin: Caller,
  name: string,
  record: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  succeeded(
    await admin.put(`/admin/databases?name=${encodeURIComponent(name)}&replicationFactor=1`, {
      DatabaseName: name,
      ...record,
    }),
  )
}

/** One document by its text, as it is. */
export async function putDocument(
  on: Caller,
  database: string,
  { id, text }: { id: string; text: string },
): Promise<void> {
  succeeded(await on.put(docsPath(database, id), text))
}

/** Documents in one batch, their texts as they are. */
export async function putBatch(
  on: Caller,
  database: string,
  documents: readonly { readonly id: string; readonly text: string }[],
): Promise<void> {
  const commands = documents.map(
    ({ id, text }) =>
      `{"Type":"PUT","Id":${JSON.stringify(id)},"ChangeVector":null,"Document":${text}}`,
  )
  succeeded(
    await on.post(`/databases/${database}/bulk_docs`, `{"Commands":[${commands.join(',')}]}`),
  )
}

/** Path of one document. */
export function docsPath(database: string, id: string): string {
  return `/databases/${database}/docs?id=${encodeURIComponent(id)}`
}

/** Our own code of an error answer, or nothing. */
export function codeOf({ headers }: Answer): string | undefined {
  return headers['strongroom-error'] as string | undefined
}

/** True for an error as RavenDB's clients read it, with a code that is not the one for mistakes of the server. */
export function isCoded(answer: Answer): boolean {
  const code = codeOf(answer)
  if (answer.status < 400 || code === undefined || code === 'Internal') return false
  const { Type: type, Message: message } = answer.json()
  return typeof type === 'string' && type !== '' && typeof message === 'string' && message !== ''
}

/** Registers a certificate. */
export async function register(
  admin: Caller,
  certificate: {
    readonly name: string
    readonly der: string
    readonly clearance?: string
    readonly permissions?: Readonly<Record<string, string>>
  },
): Promise<void> {
  succeeded(
    await admin.put('/admin/certificates', {
      Name: certificate.name,
      Certificate: certificate.der,
      SecurityClearance: certificate.clearance ?? 'ValidUser',
      Permissions: certificate.permissions ?? {},
    }),
  )
}

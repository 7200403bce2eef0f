/** The port to a running server over mutual TLS: RavenDB's routes, and those below `/admin/strongroom`. */

import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import https from 'node:https'
import { adminAnswerBytesMax, adminTimeoutMs } from '#operator/limits.ts'
import type { ChallengeBody } from '#shared/contract/challenge.ts'
import { type JsonShape, jsonShape } from '#shared/contract/json.ts'
import { serverStateSchema } from '#shared/contract/state.ts'
import { Type } from '#shared/schema/type.ts'
import {
  type Admin,
  type CertificateRights,
  type CertificateState,
  type Endpoint,
  Refused,
  Unreachable,
} from './admin.ts'

const challengesPath = '/admin/strongroom/challenges'
const stateShape = jsonShape(serverStateSchema)
const refusalShape = jsonShape(Type.Object({ Type: Type.String(), Message: Type.String() }))
const endTexts = Type.Record(Type.String(), Type.String())
const certificatesShape = jsonShape(
  Type.Object({
    Results: Type.Array(
      Type.Object({
        Name: Type.String(),
        Thumbprint: Type.String(),
        PublicKeyPinningHash: Type.String(),
        SecurityClearance: Type.String(),
        // One record with an access that is not known here must not hide all others.
        Permissions: Type.Record(Type.String(), Type.String()),
        NotAfter: Type.String(),
        // Shown only where rights end.
        PermissionExpirations: Type.Optional(Type.Union([endTexts, Type.Null()])),
        SecurityClearanceExpiration: Type.Optional(Type.Union([Type.String(), Type.Null()])),
      }),
    ),
  }),
)
const toggledShape = jsonShape(
  Type.Object({
    Status: Type.Array(
      Type.Object({ Success: Type.Boolean(), Reason: Type.Optional(Type.String()) }),
    ),
  }),
)

interface Call {
  readonly method: string
  readonly path: string
  readonly json?: unknown
  readonly text?: string
}

export function httpsAdmin(endpoint: Endpoint): Admin {
  const call = (request: Call): Promise<Buffer> => send(endpoint, request)
  return {
    state: async () =>
      readAs(stateShape, await call({ method: 'GET', path: '/admin/strongroom/state' })),
    createDatabase: ({ name, key }) => createDatabase(call, name, key),
    enableDatabase: (name) => enableDatabase(call, name),
    deleteDatabase: async (name) => {
      await call({
        method: 'DELETE',
        path: raft('/admin/databases'),
        json: { DatabaseNames: [name], HardDelete: true },
      })
    },
    certificates: () => certificates(call),
    putCertificate: async (der, rights) => {
      await call({
        method: 'PUT',
        path: raft('/admin/certificates'),
        json: { ...wire(rights), Certificate: der.toString('base64') },
      })
    },
    editCertificate: async (thumbprint, rights) => {
      await call({
        method: 'POST',
        path: raft('/admin/certificates/edit'),
        json: { ...wire(rights), Thumbprint: thumbprint },
      })
    },
    deleteCertificate: async (thumbprint) => {
      await call({ method: 'DELETE', path: raft('/admin/certificates', { thumbprint }) }).catch(
        ignoreMissing,
      )
    },
    presentChallenge: async (name, keyAuthorization) => {
      const json: ChallengeBody = { Name: name, KeyAuthorization: keyAuthorization }
      await call({ method: 'PUT', path: challengesPath, json })
    },
    withdrawChallenge: async (name) => {
      await call({ method: 'DELETE', path: `${challengesPath}?${new URLSearchParams({ name })}` })
    },
  }
}

/** What shall not be there is not. */
function ignoreMissing(error: unknown): void {
  if (!(error instanceof Refused)) throw error
  if (error.status !== 404 && error.code !== 'CertificateToDeleteNotFound') throw error
}

async function createDatabase(
  call: (request: Call) => Promise<Buffer>,
  name: string,
  key: Buffer | undefined,
): Promise<void> {
  if (key !== undefined)
    await call({
      method: 'POST',
      path: raft('/admin/secrets', { name }),
      text: key.toString('base64'),
    })
  await call({
    method: 'PUT',
    path: raft('/admin/databases', { name, replicationFactor: '1' }),
    json: { DatabaseName: name, Encrypted: key !== undefined },
  })
}

async function enableDatabase(
  call: (request: Call) => Promise<Buffer>,
  name: string,
): Promise<void> {
  const answer = await call({
    method: 'POST',
    path: raft('/admin/databases/enable'),
    json: { DatabaseNames: [name] },
  })
  const failed = readAs(toggledShape, answer).Status.find(({ Success }) => !Success)
  if (failed !== undefined)
    throw new Refused(200, 'Unknown', `Cannot enable database "${name}": ${failed.Reason}`)
}

async function certificates(
  call: (request: Call) => Promise<Buffer>,
): Promise<readonly CertificateState[]> {
  const answer = await call({ method: 'GET', path: '/admin/certificates?metadataOnly=true' })
  return readAs(certificatesShape, answer).Results.map((record) => ({
    name: record.Name,
    thumbprint: record.Thumbprint,
    publicKeyPin: record.PublicKeyPinningHash,
    clearance: record.SecurityClearance,
    permissions: record.Permissions as CertificateState['permissions'],
    ...endsOf(record.PermissionExpirations, record.SecurityClearanceExpiration),
    notAfter: instantOf(record.NotAfter),
  }))
}

function endsOf(
  permissions: Readonly<Record<string, string>> | null | undefined,
  clearance: string | null | undefined,
): Pick<CertificateState, 'ends' | 'clearanceEndsAtMs'> {
  const ends = Object.entries(permissions ?? {}).map(([name, end]) => [name, instantOf(end)])
  return {
    ends: Object.fromEntries(ends),
    ...(clearance === null || clearance === undefined
      ? {}
      : { clearanceEndsAtMs: instantOf(clearance) }),
  }
}

/** RavenDB writes seven decimals, and leaves the zone out, which is UTC. */
function instantOf(text: string): number {
  return Date.parse(`${text.slice(0, 19)}Z`)
}

/** Rights are replaced as a whole: an end that is not named is none. */
function wire({ name, clearance, permissions, ends, clearanceEndsAtMs }: CertificateRights) {
  const text = (ms: number): string => new Date(ms).toISOString()
  const expirations = Object.entries(ends ?? {}).map(([database, end]) => [database, text(end)])
  return {
    Name: name,
    SecurityClearance: clearance,
    Permissions: permissions,
    ...(ends === undefined ? {} : { PermissionExpirations: Object.fromEntries(expirations) }),
    ...(clearanceEndsAtMs === undefined
      ? {}
      : { SecurityClearanceExpiration: text(clearanceEndsAtMs) }),
  }
}

/** The server answers a repeated request id with the result of the first. */
function raft(path: string, query: Readonly<Record<string, string>> = {}): string {
  return `${path}?${new URLSearchParams({ ...query, 'raft-request-id': randomUUID() })}`
}

function send(endpoint: Endpoint, { method, path, json, text }: Call): Promise<Buffer> {
  const body = json === undefined ? text : JSON.stringify(json)
  return new Promise((resolve, reject) => {
    const request = https.request(
      {
        host: endpoint.address,
        port: endpoint.port,
        servername: endpoint.serverName,
        method,
        path,
        ca: endpoint.trust,
        cert: endpoint.certificate,
        key: endpoint.key,
        agent: endpoint.agent,
        timeout: adminTimeoutMs,
        headers: {
          host: `${endpoint.serverName}:${endpoint.port}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body ?? ''),
        },
      },
      (answer) => {
        const parts: Buffer[] = []
        let bytes = 0
        answer.on('data', (part: Buffer) => {
          parts.push(part)
          bytes += part.length
          if (bytes > adminAnswerBytesMax)
            request.destroy(new Error(`the answer is longer than ${adminAnswerBytesMax} bytes`))
        })
        answer.on('error', (error) => reject(unreachable(endpoint, error)))
        answer.on('end', () => settle(answer, Buffer.concat(parts), { resolve, reject }))
      },
    )
    request.on('timeout', () => request.destroy(new Error(`no answer within ${adminTimeoutMs} ms`)))
    request.on('error', (error) => reject(unreachable(endpoint, error)))
    request.end(body)
  })
}

function settle(
  { statusCode: status = 0, headers }: IncomingMessage,
  body: Buffer,
  { resolve, reject }: { resolve: (body: Buffer) => void; reject: (error: Error) => void },
): void {
  if (status < 400) resolve(body)
  else reject(refused(status, body, headers['strongroom-error']))
}

function refused(status: number, body: Buffer, code: string | string[] | undefined): Refused {
  const { Type: type, Message: message } = refusalShape.read(body.toString()) ?? {
    Type: 'Unknown',
    Message: `HTTP ${status} without a readable body`,
  }
  return new Refused(status, type, { message, code: String(code ?? '') })
}

/** Another program may answer there, or a server of another version. */
function readAs<T>(shape: JsonShape<T>, body: Buffer): T {
  const found = shape.read(body.toString())
  if (found !== undefined) return found
  throw new Refused(
    200,
    'Unknown',
    `Cannot understand the answer of the server, which begins ${JSON.stringify(body.toString().slice(0, 80))}: is it a Strongroom of this version?`,
  )
}

function unreachable({ serverName, address, port }: Endpoint, error: Error): Unreachable {
  return new Unreachable(`Cannot reach ${serverName} at ${address}:${port}: ${error.message}`)
}

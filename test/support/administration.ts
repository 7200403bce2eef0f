/** Routes of databases and keys on a catalog in memory, behind the real access hook; who calls is chosen for each request. */
import { createServer } from 'node:http'
import type { Clearance, DatabaseAccess } from '#server/access/actions.ts'
import { accessHook, unsecuredHook } from '#server/access/hook.ts'
import { presentations } from '#server/access/identity.ts'
import type { AuditEvent } from '#server/audit/event.ts'
import { challengeRoutes } from '#server/http/routes/challenges.ts'
import { databaseListRoutes } from '#server/http/routes/database-list.ts'
import { databaseRoutes } from '#server/http/routes/databases.ts'
import { documentRoutes } from '#server/http/routes/documents.ts'
import { secretRoutes } from '#server/http/routes/secrets.ts'
import { httpServer } from '#server/http/server.ts'
import { Challenges } from '#server/tls/challenges.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import { startCatalog, type TestCatalog } from './catalog.ts'
import { authority, client, year2026 } from './certificates.ts'
import { registration, registry } from './registrations.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  /** The body as an object; empty where it is none. */
  readonly body: Readonly<Record<string, unknown>>
}

export interface Sent {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface Administration extends TestCatalog {
  readonly audited: readonly AuditEvent[]
  readonly challenges: Challenges
  call(as: Caller, method: string, url: string, sent?: Sent): Promise<Answer>
}

/** By clearance; a ValidUser by his access to the database alpha. */
export type Caller = 'boss' | 'operator' | 'dbAdmin' | 'reader' | 'outsider' | 'nobody'

const rights: Readonly<Record<Exclude<Caller, 'nobody'>, [Clearance, DatabaseAccess | undefined]>> =
  {
    boss: ['ClusterAdmin', undefined],
    operator: ['Operator', undefined],
    dbAdmin: ['ValidUser', 'Admin'],
    reader: ['ValidUser', 'Read'],
    outsider: ['ValidUser', undefined],
  }

/** Certificates take a moment to make: once for a test file. */
export type People = ReadonlyMap<Caller, Certificate>
export async function people(): Promise<People> {
  const ca = await authority()
  const made = Object.keys(rights).map(async (commonName) => {
    const { certificate } = await client(ca, { commonName })
    return [commonName as Caller, certificate] as const
  })
  return new Map(await Promise.all(made))
}

export async function administration(
  made: Promise<People>,
  { data, secured = true }: { readonly data?: string; readonly secured?: boolean } = {},
): Promise<Administration> {
  const known = await made
  const start = await startCatalog(data, { secured })
  const audited: AuditEvent[] = []
  const audit = (event: AuditEvent) => void audited.push(event)
  const clock = { now: () => year2026 }
  const url = () => 'https://127.0.0.1:8443'
  const { catalog, memory, store } = start
  const challenges = new Challenges(clock)
  const routes = [
    ...databaseRoutes({ catalog, audit, url }),
    ...databaseListRoutes({ catalog, clock, url }),
    ...secretRoutes({ ...store, memory, audit, secured }),
    ...documentRoutes(catalog),
    ...challengeRoutes({ challenges, audit, secured }),
  ]
  let caller: Certificate | undefined
  const admit = secured ? hookFor(known, () => caller) : unsecuredHook()
  const http = httpServer({
    routes,
    listener: (handler) => createServer(handler),
    admit,
    origins: undefined,
    topologyEtag: 1,
    headers: {},
    observe: () => undefined,
    internalError: (error) => {
      throw error
    },
  })
  await http.ready()
  return {
    ...start,
    audited,
    challenges,
    call: async (as, method, url, { body, headers = {} } = {}) => {
      caller = known.get(as)
      const payload = typeof body === 'string' ? body : JSON.stringify(body)
      const answer = await http.inject({
        method: method as 'GET',
        url,
        headers: { ...headers },
        ...(body === undefined ? {} : { payload }),
      })
      const { statusCode: status, payload: text } = answer
      const isObject = text.startsWith('{')
      return {
        status,
        headers: answer.headers,
        text,
        body: isObject ? (JSON.parse(text) as Answer['body']) : {},
      }
    },
    [Symbol.asyncDispose]: async () => {
      await http.close()
      await start[Symbol.asyncDispose]()
    },
  }
}

function hookFor(known: People, caller: () => Certificate | undefined) {
  const registrations = [...known].map(([name, certificate]) => {
    const [clearance, access] = rights[name as keyof typeof rights]
    const permissions = access === undefined ? {} : { alpha: access }
    return registration(certificate, { clearance, permissions })
  })
  const admit = accessHook({
    registry: registry({ registrations }),
    recordRenewal: () => Promise.reject(new Error('nobody renews here')),
    clock: { now: () => year2026 },
    audit: () => undefined,
    presentedBy: presentations(),
    identified: () => undefined,
  })
  return (request: Parameters<typeof admit>[0]) => {
    const certificate = caller()
    const peer = certificate === undefined ? undefined : { raw: certificate.der }
    const socket = { remoteAddress: '127.0.0.1', getPeerX509Certificate: () => peer }
    Object.defineProperty(request.raw, 'socket', { value: socket })
    return admit(request)
  }
}

/**
 * Where access meets HTTP: asked for every request, known route or not, before a byte of its body is read, again when the body is
 * there, and by whatever changes rights once more in its turn.
 *
 * Finds who is calling (a lookup for each request, so that a change of rights works on open connections), records an implicit renewal, asks the
 * policy, and throws its refusal. Strangers are refused alike on routes that exist and that do not.
 */
import type { FastifyRequest } from 'fastify'
import type { Audit } from '#server/audit/event.ts'
import type { Clock } from '#shared/clock.ts'
import type { CodedError } from '#shared/errors.ts'
import { type Action, registered } from './actions.ts'
import type { Identity, PeerSocket, Presented } from './identity.ts'
import { refusal, shortened } from './policy.ts'
import { boundedRefusals } from './refusal-lines.ts'
import type { Found, Registry } from './registry.ts'
import type { Renewal } from './renewal.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is calling; set before any handler runs. */
    identity: Identity
    /** Looks again who is calling and whether he still may, as it is at that moment. Throws the refusal. */
    readmit: () => Identity
  }
}

export interface AccessParts {
  readonly registry: Registry
  /** Writes the successor of a registration down, durably; the registry must know it when this resolves. */
  readonly recordRenewal: (presented: Presented, renewal: Renewal) => Promise<void>
  readonly presentedBy: (connection: PeerSocket) => Presented | undefined
  /** Told who a connection's caller is. */
  readonly identified: (presented: Presented, identity: Identity) => void
  readonly clock: Clock
  readonly audit: Audit
}

/** The hook of a server with TLS. Throws the refusal. */
export function accessHook(parts: AccessParts): (request: FastifyRequest) => Promise<void> {
  const { registry, presentedBy, recordRenewal, identified, clock } = parts
  const auditRefusal = boundedRefusals(parts.audit, parts.clock)
  const demand = (request: FastifyRequest): void => {
    const refused = firstRefusal(request, clock.now())
    if (refused === undefined) return
    auditRefusal(refusedEvent(request, refused), registeredThumbprint(request.identity))
    throw refused
  }
  return async (request) => {
    const presented = presentedBy(request.raw.socket as PeerSocket)
    const find = (): Found =>
      presented === undefined ? { kind: 'none' } : registry.find(presented, clock.now())
    const identify = (found: Found): void => {
      request.identity = found.kind === 'renewal' ? found.identity : found
    }
    request.readmit = () => {
      identify(find())
      demand(request)
      return request.identity
    }
    const found = find()
    identify(found)
    demand(request)
    if (presented === undefined || isOpenToAll(actionOf(request))) return
    if (found.kind === 'renewal') {
      await recordRenewal(presented, found.renewal)
      const recorded = find()
      identify(recorded.kind === 'renewal' ? unrecorded(presented) : recorded)
      demand(request)
    }
    identified(presented, request.identity)
  }
}

/** The hook of a server without TLS, on addresses where its configuration allows that: everybody may do everything. */
export function unsecuredHook(): (request: FastifyRequest) => void {
  return (request) => {
    request.identity = { kind: 'unsecured' }
    request.readmit = () => request.identity
  }
}

/** Nobody needs a right there, and so nobody's renewal is recorded. */
function isOpenToAll({ level }: Action): boolean {
  return level === 'Open' || level === 'Anyone'
}

/** The predecessor has gone meanwhile, or there are as many renewals as are kept. */
function unrecorded({ certificate }: Presented): Identity {
  return { kind: 'unknown', certificate, renewal: 'issuer' }
}

/** Of every database that the request names: a second `name=` must not slip through behind the first. */
function firstRefusal(request: FastifyRequest, now: number): CodedError | undefined {
  const { identity } = request
  const action = actionOf(request)
  for (const database of databasesOf(request, action)) {
    const refused = refusal({ identity, action, database, now })
    if (refused !== undefined) return refused
  }
  return undefined
}

/** Whoever asks for a route that does not exist must be known first. */
function actionOf(request: FastifyRequest): Action {
  return request.routeOptions.config?.action ?? registered
}

function databasesOf(request: FastifyRequest, action: Action): readonly (string | undefined)[] {
  if (!('database' in action)) return [undefined]
  if (action.database === 'path') {
    return [(request.params as { readonly database?: string }).database]
  }
  const names = (request.query as ReadonlyMap<string, readonly string[]>).get('name')
  return names ?? [undefined]
}

function registeredThumbprint(identity: Identity): string | undefined {
  return identity.kind === 'registered' ? identity.registration.thumbprint : undefined
}

function refusedEvent(request: FastifyRequest, refused: CodedError) {
  const { identity, method, originalUrl, ip } = request
  // Query strings hold ids of documents; the log needs none.
  const facts = {
    code: refused.code,
    status: refused.status,
    method,
    path: originalUrl.split('?', 1)[0] ?? '',
  }
  const actor = actorOf(identity)
  return { act: 'access refused', address: ip, facts, ...(actor === undefined ? {} : { actor }) }
}

/** The caller for an audit line. */
export function actorOf(identity: Identity) {
  if (identity.kind !== 'registered' && identity.kind !== 'unknown') return undefined
  const { subject, thumbprint } = identity.certificate
  const name = identity.kind === 'registered' ? identity.registration.name : ''
  return { name, subject: shortened(subject), thumbprint }
}

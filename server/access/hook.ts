/**
 * Where access meets HTTP: asked for every request, known route or not, before a byte of its body is read.
 *
 * Finds who is calling (a lookup for each request, so that a change of rights works on open connections), records an implicit renewal, asks the
 * policy, and throws its refusal. Strangers are refused alike on routes that exist and that do not.
 */
import type { FastifyRequest } from 'fastify'
import type { Audit } from '#server/audit/event.ts'
import type { Clock } from '#shared/clock.ts'
import type { CodedError } from '#shared/errors.ts'
import { type Action, registered } from './actions.ts'
import { type Identity, type PeerSocket, type Presented, presentations } from './identity.ts'
import { refusal, shortened } from './policy.ts'
import { boundedRefusals } from './refusal-lines.ts'
import type { Registry } from './registry.ts'
import type { Renewal } from './renewal.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is calling; set before any handler runs. */
    identity: Identity
  }
}

export interface AccessParts {
  readonly registry: Registry
  /** Writes the successor of a registration down, durably; the registry must know it when this resolves. */
  readonly recordRenewal: (presented: Presented, renewal: Renewal) => Promise<void>
  readonly clock: Clock
  readonly audit: Audit
}

/** The hook of a server with TLS. Throws the refusal. */
export function accessHook(parts: AccessParts): (request: FastifyRequest) => Promise<void> {
  const presentedBy = presentations()
  const auditRefusal = boundedRefusals(parts.audit, parts.clock)
  return async (request) => {
    const presented = presentedBy(request.raw.socket as PeerSocket & object)
    request.identity = presented === undefined ? { kind: 'none' } : await identify(parts, presented)
    const refused = firstRefusal(request, parts.clock.now())
    if (refused === undefined) return
    auditRefusal(refusedEvent(request, refused), registeredThumbprint(request.identity))
    throw refused
  }
}

/** The hook of a server without TLS, on addresses where its configuration allows that: everybody may do everything. */
export function unsecuredHook(): (request: FastifyRequest) => void {
  return (request) => {
    request.identity = { kind: 'unsecured' }
  }
}

async function identify(parts: AccessParts, presented: Presented): Promise<Identity> {
  const { registry, clock } = parts
  const found = registry.find(presented, clock.now())
  if (found.kind !== 'renewal') return found
  await parts.recordRenewal(presented, found.renewal)
  const recorded = registry.find(presented, clock.now())
  // Between the two lookups the predecessor may have been deleted or disabled.
  return recorded.kind === 'renewal'
    ? { kind: 'unknown', certificate: presented.certificate, renewal: 'issuer' }
    : recorded
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

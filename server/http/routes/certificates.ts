/** Certificates: who one is, and their administration. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { anyone, operator, registered } from '#server/access/actions.ts'
import { accessErrors } from '#server/access/errors.ts'
import { actorOf } from '#server/access/hook.ts'
import type { Identity } from '#server/access/identity.ts'
import { refusal } from '#server/access/policy.ts'
import { configuredRegistration, rightsAt } from '#server/access/registration.ts'
import { type WellKnown, wellKnownThumbprints } from '#server/access/well-known.ts'
import { errors } from '#server/errors.ts'
import { pageSizeDefault } from '#server/limits.ts'
import type { CertificateEntry } from '#server/system/certificate-families.ts'
import { type Actor, demandClearance } from '#server/system/certificate-rules.ts'
import type { Certificates } from '#server/system/certificates.ts'
import {
  archiveDisposition,
  certificateArchive,
  generateCertificate,
} from '#server/system/generate-certificate.ts'
import type { Clock } from '#shared/clock.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import type { Issued } from '#shared/pki/issue.ts'
import { writePfx } from '#shared/pki/pfx-write.ts'
import { sendJson, sendMissing } from '../answers.ts'
import { parseEdit, parseGeneration, parseRegistration } from '../certificate-definition.ts'
import { demandAsShown } from '../certificate-members.ts'
import {
  certificateShape,
  configuredShape,
  metadataShape,
  ownShape,
  type Shape,
} from '../certificate-shapes.ts'
import { bodyOf, flag, repeatable, requiredValue, wholeNumber } from '../parameters.ts'
import { jsonType } from '../protocol.ts'
import { queryValue } from '../query-values.ts'
import type { Routes } from '../route.ts'
import { thumbprintIn } from '../thumbprint.ts'

export interface CertificateRouteParts {
  readonly certificates: Certificates
  /** Signs what is generated. */
  readonly authority: Issued
  readonly clock: Clock
  /** The certificate that is served now; nothing without TLS. */
  readonly serverCertificate: () => Certificate | undefined
  /** It is ClusterAdmin when presented, and listed as such. */
  readonly serverIsAdmin: boolean
  readonly wellKnown: () => WellKnown
}

const path = '/admin/certificates'

export function certificateRoutes(parts: CertificateRouteParts): Routes {
  const { certificates } = parts
  return [
    {
      method: 'GET',
      path: '/certificates/whoami',
      parameters: [],
      action: anyone,
      handle: (request, reply) => whoAmI(parts, request, reply),
    },
    {
      method: 'GET',
      path,
      // RavenDB answers the same with `secondary` and without.
      parameters: ['thumbprint', 'name', 'start', 'pageSize', 'metadataOnly', 'secondary'],
      action: operator,
      handle: (request, reply) => answerList(parts, request, reply),
    },
    {
      method: 'POST',
      path,
      parameters: [],
      action: operator,
      handle: (request, reply) => generate(parts, request, reply),
    },
    {
      method: 'PUT',
      path,
      parameters: [],
      action: operator,
      handle: (request, reply) => register(parts, request, reply),
    },
    {
      method: 'POST',
      path: `${path}/edit`,
      parameters: [],
      action: operator,
      handle: (request, reply) => edit(parts, request, reply),
    },
    {
      method: 'DELETE',
      path,
      parameters: ['thumbprint'],
      action: operator,
      handle: async (request, reply) => {
        const thumbprint = thumbprintIn(requiredValue(request, 'thumbprint'))
        const repeated = repeatable(request, ['delete certificate', thumbprint])
        await certificates.remove(actor(parts, request), thumbprint, repeated)
        return reply.code(204).type(jsonType).send()
      },
    },
    {
      method: 'GET',
      path: `${path}/export`,
      parameters: [],
      action: operator,
      handle: (_request, reply) => exportServer(parts, reply),
    },
  ]
}

/** Nothing for whoever is not let in: a stranger learns nothing of the registered, and an expired or disabled one nothing of his record. */
function whoAmI(parts: CertificateRouteParts, request: FastifyRequest, reply: FastifyReply) {
  const { identity } = request
  const now = parts.clock.now()
  const refused = refusal({ identity, action: registered, database: undefined, now })
  if (identity.kind !== 'registered' || refused !== undefined) return reply.code(204).send()
  return sendJson(reply, JSON.stringify(ownShape(itemOf(parts, identity))))
}

function itemOf({ certificates }: CertificateRouteParts, identity: Known): Shape {
  const { registration, how } = identity
  const entry = certificates.find(registration.thumbprint)
  const isStored = how === 'thumbprint' || how === 'renewal'
  if (isStored && entry !== undefined) return certificateShape(entry)
  return configuredShape(registration, how === 'server' ? 'RavenServer' : 'Client')
}

type Known = Extract<Identity, { readonly kind: 'registered' }>

function answerList(parts: CertificateRouteParts, request: FastifyRequest, reply: FastifyReply) {
  const thumbprint = queryValue(request, 'thumbprint')?.replace(/[\s:]/g, '')
  const entries =
    thumbprint === undefined
      ? parts.certificates.list()
      : [parts.certificates.find(thumbprint)].filter((entry) => entry !== undefined)
  if (thumbprint !== undefined && entries.length === 0) return sendMissing(reply)
  const items = [...serverItem(parts, request), ...page(entries, request)]
  const wellKnown = parts.wellKnown()
  const thumbprints = wellKnownThumbprints(wellKnown)
  const answer = {
    Results: flag(request, 'metadataOnly') ? items.map(metadataShape) : items,
    LoadedServerCert: parts.serverCertificate()?.thumbprint ?? null,
    WellKnownAdminCerts: thumbprints.length === 0 ? null : thumbprints,
    WellKnownIssuers: wellKnown.issuers.map((issuer) => issuer.thumbprint),
  }
  return sendJson(reply, JSON.stringify(answer))
}

function page(entries: readonly CertificateEntry[], request: FastifyRequest): Shape[] {
  const name = queryValue(request, 'name')
  const start = position(request, 'start') ?? 0
  const size = position(request, 'pageSize') ?? pageSizeDefault
  return entries
    .filter(({ record }) => name === undefined || record.name === name)
    .slice(start, start + size)
    .map(certificateShape)
}

function position(request: FastifyRequest, name: string): number | undefined {
  const value = wholeNumber(request, name)
  if (value !== undefined && value < 0) throw errors.QueryValueInvalid(name, 'a number from 0 on')
  return value
}

/** The server's own certificate, where it counts, comes first and besides the page, unless another is asked for. */
function serverItem(parts: CertificateRouteParts, request: FastifyRequest): Shape[] {
  const isNamed = ['thumbprint', 'name'].some((name) => queryValue(request, name) !== undefined)
  const server = parts.serverCertificate()
  if (isNamed || !parts.serverIsAdmin || server === undefined) return []
  const registration = configuredRegistration(server, 'Server Certificate', 'ClusterNode')
  return [configuredShape(registration, 'RavenServer')]
}

async function register(
  parts: CertificateRouteParts,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const by = actor(parts, request)
  const registering = await parseRegistration(bodyOf(request))
  const thumbprints = registering.certificates.map(({ thumbprint }) => thumbprint)
  const repeated = repeatable(request, ['register certificates', ...thumbprints])
  await parts.certificates.register(by, registering, repeated)
  return sendDone(reply)
}

async function edit(parts: CertificateRouteParts, request: FastifyRequest, reply: FastifyReply) {
  const by = actor(parts, request)
  const { claims, ...editing } = parseEdit(bodyOf(request))
  const entry = parts.certificates.find(editing.thumbprint)
  if (entry !== undefined) demandAsShown(claims, ownShape(certificateShape(entry)))
  const repeated = repeatable(request, ['edit certificate', editing.thumbprint])
  await parts.certificates.edit(by, editing, repeated)
  return sendDone(reply)
}

async function generate(
  parts: CertificateRouteParts,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const by = actor(parts, request)
  const { password, limits, ...wanted } = parseGeneration(bodyOf(request))
  const { name, rights } = wanted
  demandClearance({ clearance: by.clearance() }, name, [rights])
  const now = parts.clock.now()
  const issued = await generateCertificate(parts.authority, { name, now, ...limits })
  const archive = await certificateArchive(issued, name, password)
  // Its own dates are those that were asked for.
  const registering = { ...wanted, certificates: [issued.certificate] }
  const repeated = repeatable(request, ['generate certificate', name])
  if (!(await parts.certificates.register(by, registering, repeated)))
    throw accessErrors.CertificateAlreadyGenerated(name)
  return reply
    .type('application/octet-stream')
    .header('content-disposition', archiveDisposition(name))
    .send(archive)
}

/** The public part, to be registered in another cluster. */
async function exportServer({ serverCertificate }: CertificateRouteParts, reply: FastifyReply) {
  const server = serverCertificate()
  if (server === undefined) return sendMissing(reply)
  return reply
    .type('application/octet-stream')
    .header('content-disposition', 'attachment; filename=ServerCertificatesCollection.pfx')
    .send(await writePfx({ certificates: [server] }))
}

/** Created or changed: RavenDB's clients insist on an empty body. */
function sendDone(reply: FastifyReply) {
  return reply.code(201).send()
}

/** Without TLS nobody knows who asks, and what he registers would count once TLS is there. */
function actor(parts: CertificateRouteParts, request: FastifyRequest): Actor {
  const { identity, ip: address } = request
  if (identity.kind !== 'registered') throw accessErrors.CertificatesNeedTls()
  const { thumbprint } = identity.registration
  const audit = actorOf(identity)
  return {
    clearance: () => {
      const now = request.readmit()
      if (now.kind !== 'registered') throw accessErrors.CertificatesNeedTls()
      return rightsAt(now.registration, parts.clock.now()).clearance
    },
    ...{ thumbprint, address, connection: request.raw.socket },
    ...(audit === undefined ? {} : { audit }),
  }
}

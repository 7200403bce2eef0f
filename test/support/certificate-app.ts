/** The administration of certificates behind the real hook; who calls is chosen for each request. */
import { createServer } from 'node:http'
import { accessHook, unsecuredHook } from '#server/access/hook.ts'
import { presentations } from '#server/access/identity.ts'
import { nobodyWellKnown } from '#server/access/well-known.ts'
import { certificateRoutes } from '#server/http/routes/certificates.ts'
import { httpServer } from '#server/http/server.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import type { Issued } from '#shared/pki/issue.ts'
import { admin, certificateStore } from './certificate-store.ts'
import { authority, client, server } from './certificates.ts'

const json = 'application/json; charset=utf-8'

/** Who calls: an administrator, an Operator, a user, all of one authority; and the server's own certificate. */
export interface Callers {
  readonly ca: Issued
  readonly own: Certificate
  readonly boss: Certificate
  readonly helper: Certificate
  readonly user: Certificate
}

/** Made once for a file of tests: keys take time. */
export async function certificateCallers(): Promise<Callers> {
  const ca = await authority()
  const named = async (commonName: string) => (await client(ca, { commonName })).certificate
  const [boss, helper, user] = [await named('boss'), await named('helper'), await named('user')]
  return { ca, own: (await server(ca)).certificate, boss, helper, user }
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly bytes: Buffer
  readonly body: Readonly<Record<string, unknown>>
}

/** The routes behind the real hook, with an administrator, an Operator and a user registered. */
export async function certificateApp(
  { ca, own, boss, helper, user }: Callers,
  { serverIsAdmin = false, isSecured = true } = {},
) {
  const store = certificateStore({ knownIssuers: () => [ca.certificate] })
  const { certificates, registry, clock, events } = store
  if (serverIsAdmin) store.serverThumbprints.add(own.thumbprint)
  await certificates.register(admin, {
    name: 'boss',
    rights: { clearance: 'ClusterAdmin', permissions: {} },
    certificates: [boss],
  })
  await certificates.register(admin, {
    name: 'helper',
    rights: { clearance: 'Operator', permissions: {} },
    certificates: [helper],
  })
  await certificates.register(admin, {
    name: 'user',
    rights: { clearance: 'ValidUser', permissions: { aLPHa: 'Read' } },
    certificates: [user],
  })
  const parts = {
    certificates,
    authority: ca,
    clock,
    serverIsAdmin,
    serverCertificate: () => own,
    wellKnown: () => nobodyWellKnown,
  }
  const recordRenewal = certificates.renew.bind(certificates)
  const admit = accessHook({
    registry,
    presentedBy: presentations(),
    recordRenewal,
    identified: () => undefined,
    clock,
    audit: (event) => events.push(event),
  })
  let caller: Certificate | undefined
  const routes = certificateRoutes(parts)
  const http = httpServer({
    routes,
    listener: (handler) => createServer(handler),
    admit: (request) => {
      const peer = caller === undefined ? undefined : { raw: caller.der }
      const socket = { remoteAddress: '127.0.0.1', getPeerX509Certificate: () => peer }
      Object.defineProperty(request.raw, 'socket', { value: socket })
      return isSecured ? admit(request) : unsecuredHook()(request)
    },
    origins: undefined,
    headers: {},
    topologyEtag: 1,
    observe: () => undefined,
    internalError: (error) => {
      throw error
    },
  })
  await http.ready()
  const call = async (
    as: Certificate | undefined,
    method: string,
    url: string,
    body?: unknown,
  ): Promise<Answer> => {
    caller = as
    const payload =
      body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }
    const {
      statusCode: status,
      headers,
      rawPayload: bytes,
    } = await http.inject({ method: method as 'GET', url, ...payload })
    const isJson = headers['content-type'] === json && bytes.length > 0
    return {
      status,
      headers,
      bytes,
      body: isJson ? (JSON.parse(bytes.toString()) as Answer['body']) : {},
    }
  }
  return { ...store, call, routes, [Symbol.asyncDispose]: () => http.close() }
}

/** Requests to a tenant's server from outside: its Service's address is reachable on a built cluster. */
import { Agent, request } from 'node:https'
import { connect } from 'node:tls'
import type { Tenant } from '#test/cluster/suite.ts'

export interface Caller {
  /** Status of reading one document; 0 where there was no answer. Each on a connection of its own. */
  readonly status: () => Promise<number>
}

interface SecretObject {
  readonly data: Readonly<Record<string, string>>
}

export async function callerOf(tenant: Tenant): Promise<Caller> {
  const secret = await tenant.get<SecretObject>('secret', 'shop-tls')
  const part = (name: string): Buffer => Buffer.from(secret?.data[name] ?? '', 'base64')
  const options = {
    host: await serviceAddress(tenant),
    port: 8443,
    servername: `vault.${tenant.namespace}.svc`,
    ca: part('ca.crt'),
    cert: part('tls.crt'),
    key: part('tls.key'),
    path: '/databases/orders/docs?id=orders%2F1',
    timeout: 1_000,
  }
  return {
    status: () =>
      new Promise((resolve) => {
        const agent = new Agent()
        const sent = request({ ...options, agent }, (answer) => {
          answer.resume()
          resolve(answer.statusCode ?? 0)
        })
        sent.on('timeout', () => sent.destroy())
        sent.on('error', () => resolve(0))
        sent.end()
      }),
  }
}

export async function serviceAddress(tenant: Tenant): Promise<string> {
  const service = await tenant.get<{ readonly spec: { readonly clusterIP: string } }>(
    'service',
    'vault',
  )
  return service?.spec.clusterIP ?? ''
}

export interface Dial {
  readonly host: string
  readonly servername: string
  readonly ca: string
}

/** SHA-256 of the certificate that is served under a name, verified; nothing where the handshake fails. */
export function servedCertificate({ host, servername, ca }: Dial): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: 8443, servername, ca, timeout: 1_000 }, () => {
      resolve(socket.getPeerCertificate().fingerprint256.replaceAll(':', '').toLowerCase())
      socket.end()
    })
    socket.on('timeout', () => socket.destroy())
    socket.on('error', () => resolve(undefined))
    socket.on('close', () => resolve(undefined))
  })
}

/** A real HTTPS server in place of the API server: a test says what it answers, and sees what it was asked. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Issued } from '#shared/pki/issue.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import { authority, client, days, server } from './certificates.ts'

export interface Asked {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** Common name of the client's certificate, empty where it gave none that is verified. */
  readonly caller: string
}

export type Answer = (asked: Asked, answer: ServerResponse) => void

export interface TlsServer extends AsyncDisposable {
  readonly port: number
  readonly asked: Asked[]
}

export interface TestAuthority {
  readonly issued: Issued
  readonly pem: string
  /** Certificate and key for `localhost` and 127.0.0.1, valid for so many days from today. */
  readonly server: (forDays?: number) => Promise<Pair>
  readonly client: (commonName: string, forDays?: number) => Promise<Pair>
}

export interface Pair {
  readonly cert: string
  readonly key: string
}

export async function testAuthority(commonName = 'Test CA'): Promise<TestAuthority> {
  const issued = await authority(commonName)
  return {
    issued,
    pem: certificatePem(issued.certificate),
    server: async (forDays = 30) =>
      pairOf(await server(issued, { validity: days(forDays, Date.now()) })),
    client: async (commonName, forDays = 30) =>
      pairOf(await client(issued, { commonName, validity: days(forDays, Date.now()) })),
  }
}

function pairOf({ certificate, privateKey }: Issued): Pair {
  return { cert: certificatePem(certificate), key: privateKeyPem(privateKey) }
}

/** `clients`: PEM of the authority of the clients; who shows nothing of it is let in all the same, as nobody. */
export async function tlsServer(pair: Pair, answer: Answer, clients?: string): Promise<TlsServer> {
  const asked: Asked[] = []
  const mutual = { ca: clients, requestCert: true, rejectUnauthorized: false }
  const listener = https.createServer(
    { ...pair, ...(clients === undefined ? {} : mutual) },
    async (request, response) => {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part)
      const socket = request.socket as import('node:tls').TLSSocket
      const caller = socket.authorized ? String(socket.getPeerCertificate().subject.CN) : ''
      const { method = '', url = '', headers } = request
      const one = { method, url, headers, caller, body: Buffer.concat(parts).toString() }
      asked.push(one)
      answer(one, response)
    },
  )
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  return {
    port: (listener.address() as AddressInfo).port,
    asked,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => listener.close(resolve))
      listener.closeAllConnections()
      await closed
    },
  }
}

export function json(answer: ServerResponse, status: number, body: unknown): void {
  answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

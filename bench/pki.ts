/** Certificates for the peers that have none of their own making. */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { authority, clientCredentials, serverCredentials } from '#test/support/pki.ts'

/** PEM texts, all of one private authority: a server certificate for localhost and a client certificate. */
export interface BenchPki {
  readonly ca: string
  readonly serverCert: string
  readonly serverKey: string
  readonly clientCert: string
  readonly clientKey: string
}

/** The client is called `bench`. */
export async function benchPki(): Promise<BenchPki> {
  const ca = await authority('bench CA')
  const server = await serverCredentials(ca, { commonName: 'localhost', dnsNames: ['localhost'] })
  const client = await clientCredentials(ca, { commonName: 'bench' })
  return {
    ca: ca.cert,
    serverCert: server.cert,
    serverKey: server.key,
    clientCert: client.cert,
    clientKey: client.key,
  }
}

/** Writes them below the folder and gives their paths. */
export function pkiFiles(pki: BenchPki, folder: string): BenchPki {
  const files = Object.entries(pki).map(([name, text]) => {
    const file = path.join(folder, `${name}.pem`)
    writeFileSync(file, text, { mode: 0o600 })
    return [name, file] as const
  })
  return Object.fromEntries(files) as unknown as BenchPki
}

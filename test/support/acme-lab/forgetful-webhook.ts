/** A DNS webhook that says yes to everything, and does nothing: what is put there is never to be seen. */
import { once } from 'node:events'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { testAuthority } from '#test/support/https-server.ts'
import { pairFor } from './provider-apis.ts'

export interface ForgetfulWebhook extends AsyncDisposable {
  readonly url: string
  /** PEM of what verifies it. */
  readonly trust: string
}

export async function forgetfulWebhook(address: string): Promise<ForgetfulWebhook> {
  const authority = await testAuthority()
  const pair = await pairFor(authority, { ipAddresses: [address] })
  const server = https.createServer(pair, (asked, answer) => {
    asked.resume()
    answer.writeHead(204).end()
  })
  server.listen(0, address)
  await once(server, 'listening')
  return {
    url: `https://${address}:${(server.address() as AddressInfo).port}/`,
    trust: authority.pem,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

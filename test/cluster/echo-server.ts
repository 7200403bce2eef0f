/** A provider's API that refuses whoever asks it, and repeats all that it was told, secrets too. */
import { once } from 'node:events'
import https from 'node:https'
import { issueServerCertificate, makeKeyPair } from '#shared/pki/issue.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import { authority, days } from '#test/support/certificates.ts'

export interface EchoServer extends AsyncDisposable {
  readonly url: string
  /** PEM of what verifies it. */
  readonly trust: string
  /** All that it was told so far. */
  readonly heard: () => string
}

/** On 443 of the address, under the names too. */
export async function echoServer(
  address: string,
  dnsNames: readonly string[],
): Promise<EchoServer> {
  const signer = await authority('echo')
  const { certificate, privateKey } = await issueServerCertificate(signer, {
    ...{ commonName: 'echo', dnsNames, ipAddresses: [address] },
    ...{ validity: days(30, Date.now()), keys: await makeKeyPair('p-256') },
  })
  const heard: string[] = []
  const pair = { cert: certificatePem(certificate), key: privateKeyPem(privateKey) }
  const server = https.createServer(pair, async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    const told = JSON.stringify({ ...request.headers, body })
    heard.push(told)
    response.writeHead(403).end(refusal(request.headers.host ?? '', told))
  })
  server.listen(443, address)
  await once(server, 'listening')
  return {
    url: `https://${address}`,
    trust: certificatePem(signer.certificate),
    heard: () => heard.join('\n'),
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** As the API of that host would word it. */
function refusal(host: string, words: string): string {
  if (host.includes('cloudflare'))
    return JSON.stringify({ success: false, errors: [{ code: 9109, message: words }] })
  const escaped = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return host.includes('amazonaws')
    ? `<ErrorResponse><Error><Code>AccessDenied</Code><Message>${escaped}</Message></Error></ErrorResponse>`
    : JSON.stringify({ detail: words })
}

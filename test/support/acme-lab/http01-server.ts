/** Answers of HTTP-01 (RFC 8555 section 8.3) by token, as a web server under the tested name would give them. */
import { once } from 'node:events'
import { createServer } from 'node:http'

export interface Http01Server extends AsyncDisposable {
  /** Token → key authorization. */
  readonly answers: Map<string, string>
}

export async function http01Server(port: number, address = '127.0.0.1'): Promise<Http01Server> {
  const answers = new Map<string, string>()
  const server = createServer(({ url = '' }, response) => {
    const answer = answers.get(url.replace('/.well-known/acme-challenge/', ''))
    response.writeHead(answer === undefined ? 404 : 200).end(answer)
  })
  server.listen(port, address)
  await once(server, 'listening')
  return {
    answers,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

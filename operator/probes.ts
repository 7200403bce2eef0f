/** `/healthz`, `/readyz` and `/metrics` over plain HTTP inside the cluster: kubelet and Prometheus ask, nothing in them is secret. */
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Not imported: an import reads every export of the module, and one of them loads a web client of 14 MB. */
const { createServer } = process.getBuiltinModule('node:http')

export interface ProbeAnswers {
  /** Everything has been listed once. */
  readonly isReady: () => boolean
  readonly metrics: () => Promise<string>
}

export interface ProbeServer extends AsyncDisposable {
  readonly port: number
}

export async function probeServer(port: number, answers: ProbeAnswers): Promise<ProbeServer> {
  const server = createServer((request, answer) => {
    const [path = ''] = (request.url ?? '').split('?')
    respond(path, answer, answers).catch(() => answer.writeHead(500).end())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

async function respond(
  path: string,
  answer: ServerResponse,
  { isReady, metrics }: ProbeAnswers,
): Promise<void> {
  switch (path) {
    case '/healthz':
      answer.writeHead(204).end()
      return
    case '/readyz':
      answer.writeHead(isReady() ? 204 : 503).end()
      return
    case '/metrics': {
      const text = await metrics()
      answer.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(text)
      return
    }
    default:
      answer.writeHead(404).end()
  }
}

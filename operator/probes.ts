/** `/healthz`, `/readyz` and `/metrics` over plain HTTP inside the cluster: kubelet and Prometheus ask, nothing in them is secret. */
import type { ServerResponse } from 'node:http'
import { type PlainServer, plainServer } from './plain-server.ts'

export interface ProbeAnswers {
  /** Everything has been listed once. */
  readonly isReady: () => boolean
  readonly metrics: () => Promise<string>
}

export function probeServer(port: number, answers: ProbeAnswers): Promise<PlainServer> {
  return plainServer({ port }, (request, answer) => {
    const [path = ''] = (request.url ?? '').split('?')
    respond(path, answer, answers).catch(() => answer.writeHead(500).end())
  })
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

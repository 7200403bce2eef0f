/**
 * What an Ingress controller does, as far as a challenge needs it: a request's host and path are looked for among the Ingresses of one
 * namespace, and it is passed on to the Service that is named there, at the Service's own address.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { Tenant } from './suite.ts'

interface Ingress {
  readonly spec: {
    readonly ingressClassName: string
    readonly rules: readonly {
      readonly host: string
      readonly http: {
        readonly paths: readonly {
          readonly path: string
          readonly backend: {
            readonly service: { readonly name: string; readonly port: { readonly number: number } }
          }
        }[]
      }
    }[]
  }
}

interface Service {
  readonly spec: { readonly clusterIP: string }
}

export interface IngressProxy extends AsyncDisposable {
  /** Requests that an Ingress led on. */
  readonly passed: () => number
}

export const ingressClass = 'small'

export async function ingressProxy(
  tenant: Tenant,
  { address, port }: { readonly address: string; readonly port: number },
): Promise<IngressProxy> {
  let passed = 0
  const handle = async (asked: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const way = await wayOf(tenant, asked)
    if (way === undefined) return void answer.writeHead(404).end()
    passed += 1
    pass({ asked, answer }, way)
  }
  const server = createServer((asked, answer) => {
    handle(asked, answer).catch(() => answer.destroy())
  })
  server.listen(port, address)
  await once(server, 'listening')
  return {
    passed: () => passed,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

interface Way {
  readonly host: string
  readonly port: number
}

async function wayOf(
  tenant: Tenant,
  { url = '', headers }: IncomingMessage,
): Promise<Way | undefined> {
  const host = (headers.host ?? '').replace(/:\d+$/, '')
  const list = JSON.parse(await tenant.kubectl('get', 'ingress', '-o', 'json'))
  const backend = (list.items as readonly Ingress[])
    .filter(({ spec }) => spec.ingressClassName === ingressClass)
    .flatMap(({ spec }) => spec.rules.filter((rule) => rule.host === host))
    .flatMap(({ http }) => http.paths.filter(({ path }) => url.startsWith(path)))
    .at(0)?.backend
  if (backend === undefined) return undefined
  const { name, port } = backend.service
  const service = await tenant.get<Service>('service', name)
  return service && { host: service.spec.clusterIP, port: port.number }
}

/** A Service that was made a moment ago is not known to every node yet: its connection is tried again. */
const connectMs = 1_000
const triesMax = 5

function pass(
  exchange: { readonly asked: IncomingMessage; readonly answer: ServerResponse },
  way: Way,
  tried = 1,
): void {
  const { asked, answer } = exchange
  const { url: path, headers } = asked
  const onward = request({ ...way, path, headers, agent: false, timeout: connectMs }, (got) => {
    answer.writeHead(got.statusCode ?? 502, got.headers)
    got.pipe(answer)
  })
  const again = (): void => {
    if (tried < triesMax) setTimeout(() => pass(exchange, way, tried + 1), 100)
    else answer.writeHead(502).end()
  }
  onward.once('timeout', () => onward.destroy(new Error('no connection')))
  onward.once('error', () => (answer.headersSent ? answer.destroy() : again()))
  onward.end()
}

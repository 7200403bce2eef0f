/**
 * What the controller of an Ingress class or of a Gateway does, as far as a challenge needs it: a request's host and path are looked for
 * among the Ingresses and HTTPRoutes of one namespace, and it is passed on to the Service that is named there, at the Service's own address.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { Tenant } from './suite.ts'

interface List<T> {
  readonly items: readonly T[]
}

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

interface HttpRoute {
  readonly spec: {
    readonly parentRefs: readonly { readonly name: string }[]
    readonly hostnames: readonly string[]
    readonly rules: readonly {
      readonly matches: readonly { readonly path: { readonly value: string } }[]
      readonly backendRefs: readonly { readonly name: string; readonly port: number }[]
    }[]
  }
}

interface Service {
  readonly spec: { readonly clusterIP: string }
}

/** What an Ingress or an HTTPRoute says, or what leads to a Service by itself. */
interface Led {
  readonly by: 'Ingress' | 'HTTPRoute' | 'Service'
  readonly host: string
  readonly path: string
  readonly service: string
  readonly port: number
}

export interface IngressProxy extends AsyncDisposable {
  /** Requests that were led on. */
  readonly passed: (by?: Led['by']) => number
}

export interface ProxyOptions {
  readonly address: string
  readonly port: number
  /** Default: `small`. */
  readonly className?: string
  /** Name of the Gateway whose HTTPRoutes are followed, too: the Gateway API has to be installed. */
  readonly gateway?: string
  /** What nobody else leads anywhere goes there: as where somebody leads port 80 to a Service by its name. */
  readonly service?: string
}

export const ingressClass = 'small'

type Namespace = Pick<Tenant, 'kubectl' | 'get'>

export async function ingressProxy(
  tenant: Namespace,
  options: ProxyOptions,
): Promise<IngressProxy> {
  const passed: Led['by'][] = []
  const handle = async (asked: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const led = (await ledBy(tenant, options, asked)) ?? byItself(options)
    const service = led && (await tenant.get<Service>('service', led.service))
    if (led === undefined || service === undefined) return void answer.writeHead(404).end()
    passed.push(led.by)
    pass({ asked, answer }, { host: service.spec.clusterIP, port: led.port })
  }
  const server = createServer((asked, answer) => {
    handle(asked, answer).catch(() => answer.destroy())
  })
  server.listen(options.port, options.address)
  await once(server, 'listening')
  return {
    passed: (by) => passed.filter((each) => by === undefined || each === by).length,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

async function ledBy(
  tenant: Namespace,
  { className = ingressClass, gateway }: ProxyOptions,
  { url = '', headers }: IncomingMessage,
): Promise<Led | undefined> {
  const list = async <T>(kind: string): Promise<readonly T[]> =>
    (JSON.parse(await tenant.kubectl('get', kind, '-o', 'json')) as List<T>).items
  const ingresses = await list<Ingress>('ingress')
  const routes = gateway === undefined ? [] : await list<HttpRoute>('httproute')
  const host = (headers.host ?? '').replace(/:\d+$/, '')
  return [
    ...ingresses.filter(({ spec }) => spec.ingressClassName === className).flatMap(ofIngress),
    ...routes.filter(({ spec }) => spec.parentRefs[0]?.name === gateway).flatMap(ofRoute),
  ].find((led) => led.host === host && url.startsWith(led.path))
}

function byItself({ service }: ProxyOptions): Led | undefined {
  return service === undefined
    ? undefined
    : { by: 'Service', host: '', path: '', service, port: 80 }
}

function ofIngress({ spec }: Ingress): readonly Led[] {
  return spec.rules.flatMap(({ host, http }) =>
    http.paths.map(({ path, backend: { service } }) => {
      return {
        by: 'Ingress',
        host,
        path,
        service: service.name,
        port: service.port.number,
      } as const
    }),
  )
}

function ofRoute({ spec: { hostnames, rules } }: HttpRoute): readonly Led[] {
  return hostnames.flatMap((host) =>
    rules.flatMap(({ matches, backendRefs }) =>
      matches.flatMap(({ path: { value: path } }) =>
        backendRefs.map(({ name, port }) => {
          return { by: 'HTTPRoute', host, path, service: name, port } as const
        }),
      ),
    ),
  )
}

interface Way {
  readonly host: string
  readonly port: number
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

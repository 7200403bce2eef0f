/**
 * Under which URL a caller reaches this server: it goes into topologies, which replace what the client was configured with.
 * A Host header is believed only where the server certificate covers it, so that nobody can be sent elsewhere.
 */
import type { FastifyRequest } from 'fastify'

export interface OwnUrlParts {
  /** `PublicServerUrl`: where it is set, the answer to all but those who came under an internal name. */
  readonly publicUrl: string | undefined
  /** Scheme and address that the server listens on, with its real port. */
  readonly listenUrl: () => string
  /** True for a host name or address that is ours. */
  readonly isOurs: (host: string) => boolean
  /** True for one that is only for programs inside the cluster: they are sent nowhere else. */
  readonly isInternal: (host: string) => boolean
}

/** Answers the URL for a request, without a slash at its end. */
export function ownUrl({ publicUrl, listenUrl, isOurs, isInternal }: OwnUrlParts) {
  return (request: Pick<FastifyRequest, 'headers'>): string => {
    const { protocol } = new URL(listenUrl())
    const called = parsed(`${protocol}//${request.headers.host ?? ''}`)
    if (called !== undefined && isInternal(called.hostname)) return called.origin
    if (publicUrl !== undefined) return publicUrl.replace(/\/+$/, '')
    return called !== undefined && isOurs(called.hostname) ? called.origin : listenUrl()
  }
}

function parsed(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined
}

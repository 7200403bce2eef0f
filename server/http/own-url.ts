/**
 * Under which URL a caller reaches this server: it goes into topologies, which replace what the client was configured with.
 * A Host header is believed only where the server certificate covers it, so that nobody can be sent elsewhere.
 */
import type { FastifyRequest } from 'fastify'

export interface OwnUrlParts {
  /** `PublicServerUrl`, which is always the answer where it is set. */
  readonly publicUrl: string | undefined
  /** Scheme and address that the server listens on, with its real port. */
  readonly listenUrl: () => string
  /** True for a host name or address that is ours. */
  readonly isOurs: (host: string) => boolean
}

/** Answers the URL for a request, without a slash at its end. */
export function ownUrl({ publicUrl, listenUrl, isOurs }: OwnUrlParts) {
  return (request: Pick<FastifyRequest, 'headers'>): string => {
    if (publicUrl !== undefined) return publicUrl.replace(/\/+$/, '')
    const { protocol } = new URL(listenUrl())
    const called = parsed(`${protocol}//${request.headers.host ?? ''}`)
    return called !== undefined && isOurs(called.hostname) ? called.origin : listenUrl()
  }
}

function parsed(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined
}

/**
 * What a scenario is: requests as data, in order, by named identities. The same scenarios are put to RavenDB when it is
 * recorded and to our server when it is compared.
 */
import type { IncomingHttpHeaders } from 'node:http'

/** Values captured from answers, filled in where a path, header or body says `{name}`. */
export type Values = Record<string, string>

/** An object is sent as JSON; text and bytes as they are. */
export type Body = string | object

/** What one request was answered. */
export interface Answer {
  /** HTTP status, or what happened instead of an answer (`connection ECONNRESET`, `no answer`). */
  readonly status: number | string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** Set when the answer did not end by itself. */
  readonly open?: 'cut' | 'open after headers'
}

/** An answer with its body read: JSON, `{zip}`, `{text}` or null. */
export interface Seen {
  readonly status: number | string
  readonly header: IncomingHttpHeaders
  readonly body: unknown
}

/** One request. */
export interface Request {
  /** Name of the identity that asks: `none`, `unknown`, `server`, `operator` … */
  readonly as: string
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Body
  /** Milliseconds until the answer counts as one that never ends; 60,000 where left out. */
  readonly limit?: number
  /** Return 300 ms after the headers, whatever of the body has come. */
  readonly headersOnly?: boolean
}

/** A request whose answer is recorded and compared. */
export interface RequestStep extends Omit<Request, 'as' | 'body' | 'headersOnly'> {
  /** What the step shows; unique in its scenario. */
  readonly name: string
  /** Left out: the scenario's. */
  readonly as?: string
  readonly body?: Body | ((values: Values) => Body | Promise<Body>)
  /** Value name → where it is in the answer, e.g. `body.ChangeVector`, `header.etag`. */
  readonly capture?: Readonly<Record<string, string | ((seen: Seen) => string)>>
  /** The certificate and key of the zip that is answered become this identity. */
  readonly identity?: string
  /** The step is repeated until this is true, for 15 s at most. */
  readonly until?: (seen: Seen) => boolean
  /** Record only keys and types of the body: counters, sizes, facts of the machine. */
  readonly shape?: boolean
  /** Record only these keys of the body. */
  readonly only?: readonly string[]
  /** Key of a list in the body that is sorted before it is recorded. */
  readonly sort?: string
  /** Key of a list in the body whose length is recorded. */
  readonly count?: string
  /** Earlier steps without whose effect this answer is another one. */
  readonly needs?: readonly string[]
  /** Ask, record nothing: cleaning up. */
  readonly quiet?: boolean
  /** Ask on a new TLS connection. */
  readonly fresh?: boolean
  /** Record the full name of an automatic index; otherwise only its collection, for it depends on earlier queries. */
  readonly exact?: boolean
  /** Milliseconds to wait before asking. */
  readonly wait?: number
}

/** Something to do between requests that is neither recorded nor compared. */
export interface Chore {
  readonly name: string
  readonly run: (ask: (request: Request) => Promise<Seen>) => Promise<void>
}

export type Step = RequestStep | Chore

/** Who is refused on which route: only that is compared. */
export interface Matrix {
  readonly identities: readonly string[]
  /** From `METHOD /path/*` of the record to the request that is sent, in the order in which they are sent. */
  readonly requests: (routes: readonly string[]) => readonly MatrixRequest[]
}

export interface MatrixRequest {
  /** `METHOD /path/*` as in the record. */
  readonly route: string
  readonly method: string
  readonly path: string
  readonly body?: string
}

export interface Scenario {
  readonly about: string
  /** A path that any certificate may read. Where it is not built, neither is anything that this scenario is about. */
  readonly basis?: string
  /** Identity of steps that name none; `server` where left out. */
  readonly as?: string
  /** Spoils the server: only on one that is thrown away, and only when asked for. */
  readonly danger?: boolean
  readonly steps?: readonly Step[]
  readonly matrix?: Matrix
}

/** The certificates a scenario sends; every name here is an identity too. */
export interface Fixtures {
  /** Base64 of the DER. */
  der(name: string): string
  pem(name: string): string
  /** Base64 of the PEM text. */
  pem64(name: string): string
  /** SHA-1 thumbprint in upper-case hex. */
  thumb(name: string): string
  /** Base64 of a PFX; `companion` is a second certificate in it, without key. */
  pfx(name: string, password: string, companion?: string): Promise<string>
  /** Makes a certificate that later steps can send and be. */
  make(name: string, how: Making): Promise<void>
  /** True where the key of the issuer of the server's certificate is at hand. */
  readonly hasServerCa: boolean
  readonly serverDer: string
  readonly serverThumb: string
}

export interface Making {
  /** Whose key it gets; a new one where left out. */
  readonly key?: string
  /** Who signs it: a certificate made before, `server` for the issuer of the server's, itself where left out. */
  readonly issuer?: string
  readonly ca?: boolean
  readonly cn?: string
  readonly usages?: readonly ('clientAuth' | 'serverAuth')[]
  readonly expired?: boolean
  readonly algorithm?: 'RSA' | 'EC'
}

/** Builds a scenario; certificates of its own are made on the way. */
export type ScenarioBuilder = (fixtures: Fixtures) => Scenario | Promise<Scenario>

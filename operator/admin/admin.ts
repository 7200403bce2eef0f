/**
 * The administration of a running server as a port: what the operator reads from it and asks of it.
 *
 * What a caller may assume. Every call is made over mutual TLS with the operator's certificate, and the server is verified
 * against the cluster's trust bundle under its internal name. A server that cannot be reached throws `Unreachable`;
 * one that refuses throws `Refused` with RavenDB's type and text.
 */

import type { Agent } from 'node:https'
import type { ServerState } from '#shared/contract/state.ts'

export type Clearance = 'ClusterAdmin' | 'Operator' | 'ValidUser'
export type Access = 'Admin' | 'ReadWrite' | 'Read'

export interface CertificateState {
  readonly name: string
  readonly thumbprint: string
  readonly publicKeyPin: string
  readonly clearance: string
  readonly permissions: Readonly<Record<string, Access>>
  /** Database → when the access to it ends, in milliseconds since 1970. */
  readonly ends?: Readonly<Record<string, number>>
  /** From then on the clearance counts as ValidUser. */
  readonly clearanceEndsAtMs?: number
  /** Milliseconds since 1970. */
  readonly notAfter: number
}

export interface GrantedRights {
  readonly clearance: Clearance
  /** Database → access. */
  readonly permissions: Readonly<Record<string, Access>>
  /** Database → when the server itself ends the access, in milliseconds since 1970; one left out stays. */
  readonly ends?: Readonly<Record<string, number>>
  /** When the server itself ends the clearance; left out: never. */
  readonly clearanceEndsAtMs?: number
}

export interface CertificateRights extends GrantedRights {
  readonly name: string
}

export interface Admin {
  /** Ids, counters, loaded keys, databases and served certificates. */
  state(): Promise<ServerState>
  /** The key first, then the database; the key's fingerprint is checked by the server where one is stored already. */
  createDatabase(database: { readonly name: string; readonly key?: Buffer }): Promise<void>
  /** Lets a disabled database serve again. */
  enableDatabase(name: string): Promise<void>
  /** With all its documents and its key on the server. Missing is fine. */
  deleteDatabase(name: string): Promise<void>
  certificates(): Promise<readonly CertificateState[]>
  /** Registers the certificate, or changes name and rights of a registered one. */
  putCertificate(der: Buffer, rights: CertificateRights): Promise<void>
  editCertificate(thumbprint: string, rights: CertificateRights): Promise<void>
  /** Unknown is fine. */
  deleteCertificate(thumbprint: string): Promise<void>
  /**
   * Lets this member show a CA the proof of a name by TLS-ALPN-01, for ten minutes; again is fine. `name`: DNS name without `*.`, or
   * an address. `keyAuthorization`: as in RFC 8555 section 8.1.
   */
  presentChallenge(name: string, keyAuthorization: string): Promise<void>
  /** Unknown is fine. */
  withdrawChallenge(name: string): Promise<void>
}

/** Where a member is and how it is verified. */
export interface Endpoint {
  /** Address to dial. */
  readonly address: string
  readonly port: number
  /** Internal name that its certificate must cover. */
  readonly serverName: string
  /** PEM bundle of the cluster's server CAs, old and new. */
  readonly trust: string
  readonly certificate: string
  readonly key: string
  /** Keeps connections between calls. */
  readonly agent?: Agent
}

export class Unreachable extends Error {
  override readonly name = 'Unreachable'
}

export class Refused extends Error {
  override readonly name = 'Refused'
  readonly status: number
  /** RavenDB's type, e.g. `Raven.Client.Exceptions.ConcurrencyException`. */
  readonly type: string
  /** Our own code of the error, e.g. `CertificateToDeleteNotFound`; empty where the server gave none. */
  readonly code: string

  /** @param said the server's text, with its code where it gave one */
  constructor(
    status: number,
    type: string,
    said: string | { readonly message: string; readonly code: string },
  ) {
    const { message, code } = typeof said === 'string' ? { message: said, code: '' } : said
    super(message)
    this.status = status
    this.type = type
    this.code = code
  }
}

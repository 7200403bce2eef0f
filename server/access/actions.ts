/**
 * What a route asks of its caller. Every route declares one of these as `config.action`; a test fails on a route without.
 * Levels and matrix: RavenDB's "certificate management" documentation, as rows MF-AUTHZ and MF-MX of the design's facts.
 */

/** Clearance of a certificate on the server; RavenDB's words, which travel on the wire. */
export type Clearance = 'ClusterAdmin' | 'ClusterNode' | 'Operator' | 'ValidUser'

/** What a ValidUser may do in one database. */
export type DatabaseAccess = 'Admin' | 'ReadWrite' | 'Read'

/** Where the route finds the name of its database: `/databases/:database/…` or `?name=`. */
export type DatabaseSource = 'path' | 'query'

export type Action =
  /** Anybody, without a certificate: only probes. */
  | { readonly level: 'Open' }
  /** Anybody who presents some certificate or none, told who he is and nothing else (whoami). */
  | { readonly level: 'Anyone' }
  /** Any registered, current certificate. */
  | { readonly level: 'Registered' }
  /** That access to the named database, or more. */
  | { readonly level: DatabaseAccess; readonly database: DatabaseSource }
  | { readonly level: 'Operator' }
  | { readonly level: 'ClusterAdmin' }

export const open: Action = { level: 'Open' }
export const anyone: Action = { level: 'Anyone' }
export const registered: Action = { level: 'Registered' }
export const operator: Action = { level: 'Operator' }
export const clusterAdmin: Action = { level: 'ClusterAdmin' }
export const readDatabase: Action = { level: 'Read', database: 'path' }
export const writeDatabase: Action = { level: 'ReadWrite', database: 'path' }
export const adminDatabase: Action = { level: 'Admin', database: 'path' }

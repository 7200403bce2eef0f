/**
 * What is asked of a server that shall prove a name to a CA by TLS-ALPN-01: the body of `PUT /admin/strongroom/challenges`. RavenDB
 * has no such route; its names follow RavenDB's casing.
 */
import { type Static, Type } from '#shared/schema/type.ts'

export const challengeSchema = Type.Object({
  /** DNS name without `*.`, or an address. */
  Name: Type.String(),
  /** `token "." account thumbprint` (RFC 8555 section 8.1). */
  KeyAuthorization: Type.String(),
})

export type ChallengeBody = Static<typeof challengeSchema>

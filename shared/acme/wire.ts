/** What a CA answers, as schemas: anything else is no answer. Unknown members are ignored (RFC 8555 section 9.7). */

import { jsonShape } from '#shared/contract/json.ts'
import { type Static, Type } from '#shared/schema/type.ts'
import { nameCharactersMax, namesMax, tokenCharactersMax, urlCharactersMax } from './limits.ts'

const url = Type.String({ maxLength: urlCharactersMax })
const identifier = Type.Object({
  type: Type.String(),
  // `*.` is put before it.
  value: Type.String({ maxLength: nameCharactersMax - 2 }),
})

const problem = Type.Object({
  type: Type.Optional(Type.String()),
  detail: Type.Optional(Type.String()),
  subproblems: Type.Optional(
    Type.Array(
      Type.Object({
        type: Type.Optional(Type.String()),
        detail: Type.Optional(Type.String()),
        identifier: Type.Optional(identifier),
      }),
    ),
  ),
})

const directory = Type.Object({
  newNonce: url,
  newAccount: url,
  newOrder: url,
  revokeCert: url,
  keyChange: url,
  renewalInfo: Type.Optional(url),
  meta: Type.Optional(
    Type.Object({
      termsOfService: Type.Optional(Type.String()),
      externalAccountRequired: Type.Optional(Type.Boolean()),
      profiles: Type.Optional(Type.Record(Type.String(), Type.String())),
    }),
  ),
})

const account = Type.Object({
  status: Type.Union([Type.Literal('valid'), Type.Literal('deactivated'), Type.Literal('revoked')]),
  contact: Type.Optional(Type.Union([Type.Array(Type.String()), Type.Null()])),
})

const order = Type.Object({
  status: Type.Union([
    Type.Literal('pending'),
    Type.Literal('ready'),
    Type.Literal('processing'),
    Type.Literal('valid'),
    Type.Literal('invalid'),
  ]),
  expires: Type.Optional(Type.String()),
  authorizations: Type.Array(url, { maxItems: namesMax }),
  finalize: url,
  certificate: Type.Optional(url),
  error: Type.Optional(problem),
})

/** Types that we do not know may have neither token nor URL of our kind. */
const challenge = Type.Object({
  type: Type.String(),
  url: Type.Optional(url),
  token: Type.Optional(Type.String({ maxLength: tokenCharactersMax })),
  status: Type.Union([
    Type.Literal('pending'),
    Type.Literal('processing'),
    Type.Literal('valid'),
    Type.Literal('invalid'),
  ]),
  error: Type.Optional(problem),
})

const authorization = Type.Object({
  status: Type.Union([
    Type.Literal('pending'),
    Type.Literal('valid'),
    Type.Literal('invalid'),
    Type.Literal('deactivated'),
    Type.Literal('expired'),
    Type.Literal('revoked'),
  ]),
  identifier,
  wildcard: Type.Optional(Type.Boolean()),
  challenges: Type.Array(challenge),
})

const renewalInfo = Type.Object({
  suggestedWindow: Type.Object({ start: Type.String(), end: Type.String() }),
  explanationURL: Type.Optional(Type.String()),
})

export type WireProblem = Static<typeof problem>
export type WireAuthorization = Static<typeof authorization>

/** RFC 8555 sections 6.7, 7.1.1, 7.1.2, 7.1.3, 7.1.4 and RFC 9773 section 4.2. */
export const wire = {
  problem: jsonShape(problem),
  directory: jsonShape(directory),
  account: jsonShape(account),
  order: jsonShape(order),
  authorization: jsonShape(authorization),
  renewalInfo: jsonShape(renewalInfo),
}

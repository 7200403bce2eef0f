/**
 * What a CA answers, as schemas: anything else is no answer. Unknown members are ignored (RFC 8555 section 9.7), and an optional one that is null
 * is missing. Required is only what an order cannot do without.
 */

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
        // Only to be repeated: whatever stands there, the words around it count.
        identifier: Type.Optional(
          Type.Object({
            value: Type.Optional(Type.String({ maxLength: nameCharactersMax })),
          }),
        ),
      }),
    ),
  ),
})

const directory = Type.Object({
  newNonce: url,
  newAccount: url,
  newOrder: url,
  revokeCert: Type.Optional(url),
  keyChange: Type.Optional(url),
  renewalInfo: Type.Optional(url),
  meta: Type.Optional(
    Type.Object({
      termsOfService: Type.Optional(Type.String()),
      externalAccountRequired: Type.Optional(Type.Boolean()),
      profiles: Type.Optional(Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()]))),
    }),
  ),
})

const account = Type.Object({
  status: Type.Union([Type.Literal('valid'), Type.Literal('deactivated'), Type.Literal('revoked')]),
  contact: Type.Optional(Type.Array(Type.String())),
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
  /** None where nothing is left to be proven. */
  authorizations: Type.Optional(Type.Array(url, { maxItems: namesMax })),
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
  /** None where it is decided. */
  challenges: Type.Optional(Type.Array(challenge)),
})

const renewalInfo = Type.Object({
  suggestedWindow: Type.Object({ start: Type.String(), end: Type.String() }),
  explanationURL: Type.Optional(Type.String()),
})

const lenient = { nulls: 'missing' } as const

export type WireProblem = Static<typeof problem>
export type WireChallenge = Static<typeof challenge>

/** RFC 8555 sections 6.7, 7.1.1, 7.1.2, 7.1.3, 7.1.4 and RFC 9773 section 4.2. */
export const wire = {
  problem: jsonShape(problem, lenient),
  directory: jsonShape(directory, lenient),
  account: jsonShape(account, lenient),
  order: jsonShape(order, lenient),
  authorization: jsonShape(authorization, lenient),
  renewalInfo: jsonShape(renewalInfo, lenient),
}

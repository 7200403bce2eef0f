/**
 * What is known of an order between two acts: it is written down, in a status or a file, so every text and list is bounded
 * and nothing in it is secret. Whoever reads it goes on with the same order.
 */
import { type Static, Type } from '#shared/schema/type.ts'
import {
  detailCharactersMax,
  nameCharactersMax,
  namesMax,
  problemTypeCharactersMax,
  tokenCharactersMax,
  urlCharactersMax,
} from './limits.ts'

const url = Type.String({ maxLength: urlCharactersMax })
const name = Type.String({ maxLength: nameCharactersMax })
const time = Type.String({ format: 'date-time', maxLength: 32 })
const challengeType = Type.Union([
  Type.Literal('http-01'),
  Type.Literal('dns-01'),
  Type.Literal('tls-alpn-01'),
])

const challenge = Type.Object({
  type: challengeType,
  url,
  token: Type.String({ maxLength: tokenCharactersMax }),
  thumbprint: Type.String({
    maxLength: 64,
    description: 'Of the account key for which the answer speaks (RFC 7638).',
  }),
  presented: Type.Boolean({ description: 'The answer may stand where the CA will look.' }),
  visible: Type.Boolean({ description: 'It was seen there.' }),
  answered: Type.Boolean({ description: 'The CA was asked to look.' }),
  cleanUps: Type.Integer({ minimum: 0, description: 'Tries to take it away that failed.' }),
})

const authorization = Type.Object({
  url,
  name: Type.Optional(name),
  status: Type.Union(
    [
      Type.Literal('unread'),
      Type.Literal('pending'),
      Type.Literal('valid'),
      Type.Literal('invalid'),
      Type.Literal('deactivated'),
      Type.Literal('expired'),
      Type.Literal('revoked'),
    ],
    { description: "As the CA said last; unread where it wasn't asked yet." },
  ),
  challenge: Type.Optional(challenge),
})

const orderProblem = Type.Object(
  {
    name: Type.Optional(name),
    challenge: Type.Optional(challengeType),
    solver: Type.Optional(Type.String({ maxLength: problemTypeCharactersMax })),
    type: Type.String({ maxLength: problemTypeCharactersMax }),
    detail: Type.String({ maxLength: detailCharactersMax }),
  },
  { description: 'What stands in the way, in the words of whoever said so.' },
)

export const orderState = Type.Object(
  {
    wish: Type.String({
      maxLength: 64,
      description: 'SHA-256 of what is ordered: another wish is another order.',
    }),
    occasion: Type.Optional(
      Type.String({
        maxLength: 64,
        description: 'SHA-256 of what people did about it last: something new ends a wait.',
      }),
    ),
    orderUrl: Type.Optional(url),
    status: Type.Optional(
      Type.Union([
        Type.Literal('pending'),
        Type.Literal('ready'),
        Type.Literal('processing'),
        Type.Literal('valid'),
        Type.Literal('invalid'),
      ]),
    ),
    expiresAt: Type.Optional(time),
    finalizeUrl: Type.Optional(url),
    certificateUrl: Type.Optional(url),
    authorizations: Type.Array(authorization, {
      maxItems: namesMax,
      'x-kubernetes-list-type': 'atomic',
      description: 'Of this order; while there is none, what the last one left to be taken away.',
    }),
    finalized: Type.Boolean({ description: 'The CA was given the request for the certificate.' }),
    withoutReplaces: Type.Boolean({
      description: 'The CA refused to count this order as a replacement (RFC 9773).',
    }),
    attempts: Type.Integer({ minimum: 0, description: 'Orders for this wish that failed.' }),
    retries: Type.Integer({
      minimum: 0,
      description: 'Acts since the last progress that have to be done again.',
    }),
    againAt: Type.Optional(time),
    waitsSince: Type.Optional(time),
    problem: Type.Optional(orderProblem),
  },
  { description: 'The order that is being worked on.' },
)

export type OrderState = Static<typeof orderState>
export type AuthorizationState = Static<typeof authorization>
export type ChallengeState = Static<typeof challenge>
export type OrderProblem = Static<typeof orderProblem>

/** Errors of leading a CA's question to the operator. Texts name objects and kinds. */
import { defineErrors } from '#shared/errors.ts'

const challenge = { status: 500, type: 'Strongroom.HttpChallengeException' } as const

export const challengeErrors = defineErrors({
  /** The cluster does not know the kind that the issuer asks for. */
  GatewayApiMissing: {
    ...challenge,
    message: (name: string, apiVersion: string) =>
      `Cannot lead ${name} to the operator: kind HTTPRoute of ${apiVersion} is not defined here. Install the Gateway API, or let the issuer's http01 go through an ingress`,
  },
  /** The administrator does not let Ingresses be like that. */
  IngressRefused: {
    ...challenge,
    message: (name: string, found: string) => `Cannot lead ${name} to the operator: ${found}`,
  },
  /** Nobody could answer. */
  ChallengeUnanswerable: {
    ...challenge,
    message: (name: string) =>
      `Cannot lead ${name} to the operator: no replica of the operator has an address. Wait until one runs`,
  },
})

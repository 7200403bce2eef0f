/**
 * Why an act came to nothing, in words for a condition: refused, and so for as long as nobody changes anything, or failed in a way that may pass. Pure.
 */
import { Refused, Unreachable } from '#operator/admin/admin.ts'
import { KubeError } from '#operator/kube/kube.ts'
import { NameTaken } from '#operator/kube/ownership.ts'
import { wordsMax } from '#operator/limits.ts'

export interface Failure {
  /** False: it may pass by itself. */
  readonly isRefusal: boolean
  /** One word for programs. */
  readonly reason: string
  /** For people: what was refused and why, and what to do. */
  readonly message: string
}

/** Reason of what neither Kubernetes nor a server refused: the fault is in the operator, or in what it was given. */
export const ownFault = 'ActFailed'

/** HTTP statuses of the API server that say that it, or what stands behind it, cannot answer now. */
const passingStatuses = new Set([408, 409, 425, 429])
/** Codes of Node for connections that were not made or broke off. */
const networkCode = /^(E[A-Z]+|UND_ERR_[A-Z_]+|ABORT_ERR)$/

export function failureOf(error: unknown): Failure {
  if (error instanceof NameTaken) return refusal('NameTaken', error.message)
  if (error instanceof KubeError) return kubeFailure(error)
  if (error instanceof Unreachable) return passing('ServerUnreachable', error.message)
  if (error instanceof Refused) return serverFailure(error)
  const message = error instanceof Error ? error.message : String(error)
  if (isOfTheNetwork(error))
    return passing(
      'ApiServerUnreachable',
      `The API server could not be asked: ${printable(message)}`,
    )
  return refusal(
    ownFault,
    `This could not be carried out: ${ended(message)} Change what the resource declares; where it is right, the operator's log says more`,
  )
}

function kubeFailure({ status, message }: KubeError): Failure {
  if (status >= 500 || passingStatuses.has(status))
    return passing('ApiServerFailed', `Kubernetes could not carry this out: ${printable(message)}`)
  return refusal(
    'ApplyRefused',
    `Kubernetes refused this: ${ended(message)} ${remedyOf(status, message)}`,
  )
}

/** What to do about it: by the words of Kubernetes' own admission plugins, and by the status where they are others'. */
function remedyOf(status: number, message: string): string {
  if (/exceeded quota/.test(message)) return 'Raise the quota of the namespace, or ask for less'
  if (/admission webhook|ValidatingAdmissionPolicy|violates PodSecurity/.test(message))
    return 'Change what that policy objects to, or the policy'
  if (/persistentvolumeclaim|PersistentVolumeClaim/.test(message))
    return 'Set spec.storage.size back to what status.storage says, or use a storage class whose volumes can grow'
  if (status === 403) return 'Grant the operator this right: the roles of the chart name it'
  if (status === 404) return 'Make what is missing, or install its definition'
  return 'Correct what it names: a changed resource is tried at once'
}

function serverFailure({ status, type, message }: Refused): Failure {
  const said = `The server refused this (${printable(type)}): ${ended(message)}`
  return status === 503 || passingStatuses.has(status)
    ? passing('ServerFailed', said)
    : refusal('ServerRefused', `${said} Correct what it names: a changed resource is tried at once`)
}

function isOfTheNetwork(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause) {
    const { code } = one as { readonly code?: unknown }
    const isNetwork = typeof code === 'string' && networkCode.test(code)
    if (isNetwork || one.name === 'AbortError' || one.name === 'TimeoutError') return true
  }
  return false
}

/** In one line, bounded: what somebody else said may hold anything. */
function printable(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim()
  return line.length > wordsMax ? `${line.slice(0, wordsMax)}…` : line
}

function ended(text: string): string {
  const line = printable(text)
  return /[.!?…]$/.test(line) ? line : `${line}.`
}

function refusal(reason: string, message: string): Failure {
  return { isRefusal: true, reason, message }
}

function passing(reason: string, message: string): Failure {
  return { isRefusal: false, reason, message }
}

/** Looks for the answer to an HTTP-01 challenge where the CA will look: plain HTTP, the name itself, port 80. */
import type { IncomingMessage } from 'node:http'
import type { Egress } from '#shared/egress.ts'
import { challengeLookMs } from './limits.ts'
import { reasonOf } from './reason.ts'
import type { Challenge } from './solver.ts'

/** Below it a CA asks for tokens (RFC 8555 section 8.3). */
export const challengePath = '/.well-known/acme-challenge/'

/** Not imported: see operator/plain-server.ts. */
const { request } = process.getBuiltinModule('node:http')

/** Nothing where it is there, else why not, in words. */
export type LookAt = (challenge: Challenge, signal: AbortSignal) => Promise<string | undefined>

export interface LookTerms {
  /** The CA asks 80 and no other. */
  readonly port?: number
  /** Where connections may go; anywhere where left out. What is found instead of the answer is then told to it alone. */
  readonly egress?: Egress | undefined
}

export async function lookForAnswer(
  { name, token, keyAuthorization }: Pick<Challenge, 'name' | 'token' | 'keyAuthorization'>,
  signal: AbortSignal,
  { port = 80, egress }: LookTerms = {},
): Promise<string | undefined> {
  const host = name.includes(':') ? `[${name}]` : name
  const url = `http://${host}${port === 80 ? '' : `:${port}`}${challengePath}${token}`
  const until = AbortSignal.any([signal, AbortSignal.timeout(challengeLookMs)])
  const found = await objectionTo({ url, until, keyAuthorization, egress }).catch((error) => {
    signal.throwIfAborted()
    return `${url} cannot be asked: ${reasonOf(error)}`
  })
  if (found === undefined || egress === undefined) return found
  egress.note?.(url, found)
  return `${url} does not give the answer, or may not be asked from here`
}

interface Looked {
  readonly url: string
  readonly until: AbortSignal
  readonly keyAuthorization: string
  readonly egress: Egress | undefined
}

async function objectionTo({ url, until, keyAuthorization, egress }: Looked) {
  if (egress?.allows(new URL(url).hostname) === false) return `${url} is refused`
  const terms = { until, bytesMax: keyAuthorization.length + 1, egress }
  const { status, text } = await get(url, terms)
  // A CA follows it, to places that may not be reached from here.
  if (status >= 300 && status < 400) return undefined
  if (status !== 200) return `${url} answers ${status}`
  return text.trim() === keyAuthorization ? undefined : `${url} answers something else`
}

function get(
  url: string,
  {
    until: signal,
    bytesMax,
    egress,
  }: Pick<Looked, 'until' | 'egress'> & { readonly bytesMax: number },
): Promise<{ readonly status: number; readonly text: string }> {
  const lookup = egress === undefined ? {} : { lookup: egress.lookup }
  return new Promise((resolve, reject) => {
    const asked = request(url, { signal, agent: false, ...lookup }, (answer) => {
      read(answer, bytesMax).then(
        (text) => resolve({ status: answer.statusCode ?? 0, text }),
        reject,
      )
    })
    asked.once('error', reject).end()
  })
}

/** As much as could be right; the rest is not read. */
async function read(answer: IncomingMessage, bytesMax: number): Promise<string> {
  let text = ''
  for await (const chunk of answer) {
    text += String(chunk)
    if (text.length > bytesMax) break
  }
  return text
}

/** Looks for the answer to an HTTP-01 challenge where the CA will look: plain HTTP, the name itself, port 80. */
import type { IncomingMessage } from 'node:http'
import { challengeLookMs } from './limits.ts'
import { reasonOf } from './reason.ts'
import type { Challenge } from './solver.ts'

/** Below it a CA asks for tokens (RFC 8555 section 8.3). */
export const challengePath = '/.well-known/acme-challenge/'

/** Not imported: see operator/plain-server.ts. */
const { request } = process.getBuiltinModule('node:http')

/** Nothing where it is there, else why not, in words. */
export type LookAt = (challenge: Challenge, signal: AbortSignal) => Promise<string | undefined>

/** `port`: the CA asks 80 and no other. */
export async function lookForAnswer(
  { name, token, keyAuthorization }: Pick<Challenge, 'name' | 'token' | 'keyAuthorization'>,
  signal: AbortSignal,
  port = 80,
): Promise<string | undefined> {
  const host = name.includes(':') ? `[${name}]` : name
  const url = `http://${host}${port === 80 ? '' : `:${port}`}${challengePath}${token}`
  const until = AbortSignal.any([signal, AbortSignal.timeout(challengeLookMs)])
  try {
    const { status, text } = await get(url, until, keyAuthorization.length + 1)
    // A CA follows it, to places that may not be reached from here.
    if (status >= 300 && status < 400) return undefined
    if (status !== 200) return `${url} answers ${status}`
    return text.trim() === keyAuthorization ? undefined : `${url} answers something else`
  } catch (error) {
    signal.throwIfAborted()
    return `${url} cannot be asked: ${reasonOf(error)}`
  }
}

function get(
  url: string,
  signal: AbortSignal,
  bytesMax: number,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { signal, agent: false }, (answer) => {
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

/** Questions to one chosen server: UDP twice, then TCP, which also fetches what was too long for a datagram. */
import { type Egress, unreachableText } from '#shared/egress.ts'
import { randomBytes } from '#shared/random.ts'
import { reasonOf } from '../reason.ts'
import { type Endpoint, endpointText } from './endpoint.ts'
import { overTcp, overUdp, type Reached } from './exchange.ts'
import { tcpTimeoutMs, udpTimeoutMs, udpTries } from './limits.ts'
import { canonicalName } from './name.ts'
import { decodeMessage, encodeMessage, Flag, type Message, RecordClass } from './wire.ts'

export interface Asking {
  readonly server: Endpoint
  readonly name: string
  /** As `RecordType`. */
  readonly type: number
  /** Whether it may ask others; an authoritative server is asked for what it knows itself. */
  readonly recursion: boolean
  /** No datagrams: for a server that is spoken to over TCP anyway. */
  readonly tcpOnly?: boolean
  /** Where connections may go; anywhere where left out. What fails is then told to it alone. */
  readonly egress?: Egress | undefined
}

/** Throws `NoAnswer`, or the signal's reason. */
export type Ask = (asking: Asking, signal: AbortSignal) => Promise<Message>

/** No answer that could be read; the message begins with the server: `192.0.2.1:53 does not answer: …`. */
export class NoAnswer extends Error {
  constructor(server: Endpoint, found: string) {
    super(`${endpointText(server)} does not answer: ${found}`)
    this.name = 'NoAnswer'
  }
}

/** Any answer of the server, whatever its rcode. */
export async function askServer(asking: Asking, signal: AbortSignal): Promise<Message> {
  const bytes = questionBytes(asking)
  try {
    const short = await byDatagram(asking, bytes, signal)
    if (short !== undefined && (short.flags & Flag.truncated) === 0) return short
    const late = AbortSignal.any([signal, AbortSignal.timeout(tcpTimeoutMs)])
    const whole = await overTcp(reachedBy(asking), bytes, late)
    if (!belongs(whole, asking, bytes)) throw new Error('its answer is to another question')
    return decodeMessage(whole)
  } catch (error) {
    signal.throwIfAborted()
    const { server, egress } = asking
    if (egress === undefined) throw new NoAnswer(server, reasonOf(error))
    egress.note?.(endpointText(server), reasonOf(error))
    throw new NoAnswer(server, unreachableText)
  }
}

function reachedBy({ server, egress }: Asking): Reached {
  return { ...server, egress }
}

/** Undefined where datagrams get lost or are refused: TCP then says why. */
async function byDatagram(
  asking: Asking,
  bytes: Buffer,
  signal: AbortSignal,
): Promise<Message | undefined> {
  for (let left = asking.tcpOnly ? 0 : udpTries; left > 0; left -= 1) {
    const late = AbortSignal.any([signal, AbortSignal.timeout(udpTimeoutMs)])
    const request = { bytes, belongs: (answer: Buffer) => belongs(answer, asking, bytes) }
    const answer = await overUdp(reachedBy(asking), request, late).catch(() => undefined)
    signal.throwIfAborted()
    if (answer !== undefined) return decodeMessage(answer)
  }
  return undefined
}

function questionBytes({ name, type, recursion }: Asking): Buffer {
  return encodeMessage({
    id: randomBytes(2).readUInt16BE(),
    flags: recursion ? Flag.recursion : 0,
    opcode: 0,
    rcode: 0,
    questions: [{ name, type, class: RecordClass.IN }],
    ...{ answers: [], authorities: [], additionals: [] },
  })
}

function belongs(answer: Buffer, { name, type }: Asking, question: Buffer): boolean {
  try {
    const { id, flags, questions } = decodeMessage(answer)
    const [asked] = questions
    if (id !== question.readUInt16BE(0) || (flags & Flag.answer) === 0) return false
    // A server that could not read the question may leave it out.
    return asked === undefined || (asked.name === canonicalName(name) && asked.type === type)
  } catch {
    return false
  }
}

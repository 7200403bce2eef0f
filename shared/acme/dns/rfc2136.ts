/** Dynamic updates (RFC 2136) over TCP, signed with TSIG: adds and deletes one value, and leaves the others of the name alone. */
import type { Clock } from '#shared/clock.ts'
import { type Egress, unreachableText } from '#shared/egress.ts'
import { randomBytes } from '#shared/random.ts'
import { reasonOf } from '../reason.ts'
import { type Ask, NoAnswer } from './ask.ts'
import type { Rfc2136Config } from './configuration.ts'
import { type Endpoint, endpointOf, endpointText } from './endpoint.ts'
import { dnsErrors } from './errors.ts'
import { overTcp } from './exchange.ts'
import { recordTtlSeconds, updateTimeoutMs } from './limits.ts'
import { canonicalName, withParents } from './name.ts'
import type { DnsProvider, PlacedRecord } from './provider.ts'
import { type Explanation, updateRefusal } from './rcode.ts'
import { contentsOf } from './resolver.ts'
import { signed, type TsigKey, type TsigVerdict, verdictOn } from './tsig.ts'
import { decodeMessage, encodeMessage, RecordClass, RecordType, txtContent } from './wire.ts'

const updateOpcode = 5

export interface Rfc2136Means {
  readonly clock: Clock
  readonly ask: Ask
  /** Where connections may go; anywhere where left out. What fails is then told to it alone. */
  readonly egress?: Egress | undefined
}

/** `secret` is base64. Throws `DnsSolverInvalid`. */
export function rfc2136(
  config: Rfc2136Config,
  secret: string | undefined,
  means: Rfc2136Means,
): DnsProvider {
  const server = endpointOf(config.server)
  if (server === undefined) {
    throw dnsErrors.DnsSolverInvalid('its server is no host:port', 'Write e.g. ns1.example.com:53')
  }
  const updates = new Updates({ server, key: keyOf(config, secret), ...zoneIn(config), ...means })
  return {
    put: (record, signal) => updates.send(record, addition(record), signal),
    remove: (record, signal) => updates.send(record, deletion(record), signal),
  }
}

function keyOf(config: Rfc2136Config, secret: string | undefined): TsigKey | undefined {
  const { tsigKeyName: name, tsigAlgorithm: algorithm = 'hmac-sha256' } = config
  if (name === undefined) return undefined
  const bytes = Buffer.from(secret?.trim() ?? '', 'base64')
  if (bytes.length === 0) {
    throw dnsErrors.DnsSolverInvalid(
      `the secret of the TSIG key ${name} is missing or no base64`,
      'Put the base64 text that the server has for this key into the Secret',
    )
  }
  return { name: canonicalName(name), algorithm, secret: bytes }
}

function zoneIn({ zone }: Rfc2136Config): { readonly zone?: string } {
  return zone === undefined ? {} : { zone: canonicalName(zone) }
}

interface Change {
  readonly class: number
  readonly ttl: number
  readonly content: Buffer
}

function addition({ value }: PlacedRecord): Change {
  return { class: RecordClass.IN, ttl: recordTtlSeconds, content: txtContent(value) }
}

/** Class NONE with content: this value alone (RFC 2136 section 2.5.4). */
function deletion({ value }: PlacedRecord): Change {
  return { class: RecordClass.NONE, ttl: 0, content: txtContent(value) }
}

interface Parts extends Rfc2136Means {
  readonly server: Endpoint
  readonly key: TsigKey | undefined
  readonly zone?: string
}

class Updates {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async send({ name }: PlacedRecord, change: Change, signal: AbortSignal): Promise<void> {
    const refusal = await this.#tried(name, change, signal).catch((error: Error) => {
      signal.throwIfAborted()
      return this.#silence(error)
    })
    if (refusal === undefined) return
    const where = `${name} at ${endpointText(this.#parts.server)}`
    throw dnsErrors.DnsUpdateFailed(where, refusal.found, refusal.fix)
  }

  async #tried(
    name: string,
    change: Change,
    signal: AbortSignal,
  ): Promise<Explanation | undefined> {
    const zone = this.#parts.zone ?? (await this.#zoneOf(name, signal))
    if (zone === undefined) return noZone
    const update = encodeMessage({
      id: randomBytes(2).readUInt16BE(),
      flags: 0,
      opcode: updateOpcode,
      rcode: 0,
      questions: [{ name: zone, type: RecordType.SOA, class: RecordClass.IN }],
      answers: [],
      authorities: [{ name, type: RecordType.TXT, ...change }],
      additionals: [],
    })
    return this.#exchanged(update, signal)
  }

  #silence(error: Error): Explanation {
    const { egress, server } = this.#parts
    if (egress === undefined || error instanceof NoAnswer) return silence(reasonOf(error))
    egress.note?.(endpointText(server), reasonOf(error))
    return silence(unreachableText)
  }

  async #exchanged(update: Buffer, signal: AbortSignal): Promise<Explanation | undefined> {
    const { server: at, key, clock, egress } = this.#parts
    const server = { ...at, egress }
    const late = AbortSignal.any([signal, AbortSignal.timeout(updateTimeoutMs)])
    if (key === undefined) return refusalOf(await overTcp(server, update, late), update)
    const { bytes, mac } = signed(update, key, clock.now())
    const answer = await overTcp(server, bytes, late)
    const verdict = verdictOn(answer, { key, mac }, clock.now())
    return objectionTo(verdict, clock.now()) ?? refusalOf(answer, update, verdict)
  }

  /** The server itself knows best which zones it has: the longest for which it answers with authority. */
  async #zoneOf(name: string, signal: AbortSignal): Promise<string | undefined> {
    const { server, ask } = this.#parts
    for (const candidate of withParents(name)) {
      const question = { name: candidate, type: RecordType.SOA, recursion: false, tcpOnly: true }
      const { answers } = await ask({ server, ...question }, signal)
      if (contentsOf(answers, candidate, RecordType.SOA).length > 0) return candidate
    }
    return undefined
  }
}

const noZone: Explanation = {
  found: 'it shows no zone that holds this name',
  fix: 'Give the primary server of the zone, or the zone if that server answers no questions',
}

function silence(found: string): Explanation {
  return { found, fix: 'Check that the server runs and can be reached over TCP' }
}

/** What is wrong with the signature, where something is. */
function objectionTo(verdict: TsigVerdict, nowMs: number): Explanation | undefined {
  switch (verdict.kind) {
    case 'verified':
    case 'unsigned':
      return undefined
    case 'refused':
      return updateRefusal(verdict.error)
    case 'bad-time': {
      const { found, fix } = updateRefusal(18)
      const apart = Math.round(verdict.serverSeconds - nowMs / 1000)
      return {
        found: `${found}: its clock is ${Math.abs(apart)} s ${apart < 0 ? 'behind' : 'ahead of'} ours`,
        fix,
      }
    }
    case 'forged':
      return {
        found: 'its answer has a wrong signature',
        fix: 'Compare name, algorithm and secret of the TSIG key at both ends',
      }
    case 'late':
      return { found: 'its answer was signed at another time', fix: updateRefusal(18).fix }
    default:
      return verdict satisfies never
  }
}

/** What the answer says; a yes without signature is nobody's word. */
function refusalOf(
  answer: Buffer,
  update: Buffer,
  verdict: TsigVerdict = { kind: 'verified' },
): Explanation | undefined {
  const { id, opcode, rcode } = decodeMessage(answer)
  if (id !== update.readUInt16BE(0) || opcode !== updateOpcode) {
    return {
      found: 'its answer is to something else',
      fix: 'Check that a DNS server listens there',
    }
  }
  if (rcode !== 0) return updateRefusal(rcode)
  if (verdict.kind !== 'unsigned') return undefined
  return {
    found: 'its answer is not signed',
    fix: 'Check that a server which knows TSIG listens there, with nothing between that changes answers',
  }
}

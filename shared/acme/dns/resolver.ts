/** Lookups through recursive resolvers, the first that answers. */
import { getServers } from 'node:dns'
import type { Ask } from './ask.ts'
import { type Endpoint, endpointOf, endpointText } from './endpoint.ts'
import { dnsErrors } from './errors.ts'
import { decodeName } from './name.ts'
import { Rcode, rcodeName } from './rcode.ts'
import { type DnsRecord, type Message, RecordType } from './wire.ts'

/** Asks with recursion; the answer says NOERROR or NXDOMAIN. Throws `DnsLookupFailed`. */
export type Resolve = (name: string, type: number, signal: AbortSignal) => Promise<Message>

/** Resolvers of the machine (`/etc/resolv.conf`), without what is no address. */
export function systemResolvers(): readonly Endpoint[] {
  return getServers().flatMap((server) => endpointOf(server.replace(/%[^\]:]*/, '')) ?? [])
}

export function resolverOf(servers: readonly Endpoint[], ask: Ask): Resolve {
  return async (name, type, signal) => {
    const failures: string[] = []
    for (const server of servers) {
      const answer = await tried(ask({ server, name, type, recursion: true }, signal))
      signal.throwIfAborted()
      if (typeof answer === 'string') failures.push(answer)
      else if (isUsable(answer.rcode)) return answer
      else failures.push(`${endpointText(server)} answers ${rcodeName(answer.rcode)}`)
    }
    const found = failures.length === 0 ? 'there is no resolver to ask' : failures.join('; ')
    throw dnsErrors.DnsLookupFailed(`${typeName(type)} of ${name}`, found)
  }
}

/** Contents of the records of this name and type among the answers. */
export function contentsOf(
  answers: readonly DnsRecord[],
  name: string,
  type: number,
): readonly Buffer[] {
  return answers
    .filter((record) => record.name === name && record.type === type)
    .map(({ content }) => content)
}

/** The name that a CNAME or NS record holds. */
export function targetOf(content: Buffer): string {
  return decodeName(content, 0).name
}

function isUsable(rcode: number): boolean {
  return rcode === Rcode.NoError || rcode === Rcode.NxDomain
}

function tried(answer: Promise<Message>): Promise<Message | string> {
  return answer.catch((error: Error) => error.message)
}

function typeName(type: number): string {
  return Object.entries(RecordType).find(([, number]) => number === type)?.[0] ?? `type ${type}`
}

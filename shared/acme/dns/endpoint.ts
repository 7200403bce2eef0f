/** A server as people write it: `host`, `host:port`, `[IPv6]:port`, or a bare IPv6 address. */
import { isIP } from 'node:net'

export interface Endpoint {
  /** A name or an address, without brackets. */
  readonly host: string
  readonly port: number
}

const dnsPort = 53

/** Undefined for what is none. */
export function endpointOf(text: string, defaultPort = dnsPort): Endpoint | undefined {
  if (isIP(text) !== 0) return { host: text, port: defaultPort }
  const found = /^(?:\[(?<address>[0-9A-Fa-f:.]+)\]|(?<host>[\w.-]+))(?::(?<port>\d{1,5}))?$/.exec(
    text,
  )
  const { address, host, port } = found?.groups ?? {}
  const number = port === undefined ? defaultPort : Number(port)
  if (found === null || number < 1 || number > 65_535) return undefined
  if (address !== undefined && isIP(address) !== 6) return undefined
  return { host: address ?? host ?? '', port: number }
}

export function endpointText({ host, port }: Endpoint): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`
}

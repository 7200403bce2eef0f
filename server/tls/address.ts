/** The address to listen on, and which addresses may be served without TLS. */
import { BlockList, isIP } from 'node:net'
import { hostname } from 'node:os'
import { canonicalName } from '#shared/pki/names.ts'
import { tlsErrors } from './errors.ts'

export interface ListenAddress {
  readonly scheme: 'https' | 'http'
  /** Host name or address, without brackets. */
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
}

/** Reads `ServerUrl`. Throws `ServerUrlInvalid`. */
export function listenAddress(url: string): ListenAddress {
  if (!URL.canParse(url)) throw tlsErrors.ServerUrlInvalid(url, 'it is no URL')
  const { protocol, hostname: host, port, pathname, search, username } = new URL(url)
  if (protocol !== 'https:' && protocol !== 'http:') {
    throw tlsErrors.ServerUrlInvalid(url, 'it begins neither with https:// nor with http://')
  }
  if (pathname !== '/' || search !== '' || username !== '') {
    throw tlsErrors.ServerUrlInvalid(url, 'it has more than scheme, host and port')
  }
  const lengthy = tooLong(unbracketed(host))
  if (lengthy !== undefined) throw tlsErrors.ServerUrlInvalid(url, lengthy)
  const scheme = protocol === 'https:' ? 'https' : 'http'
  // A URL forgets the port that its scheme has anyway.
  const usual = scheme === 'https' ? 443 : 80
  return { scheme, host: unbracketed(host), port: port === '' ? usual : Number(port) }
}

/** `https://host:port` for people and clients: an address that stands for all of them is said as this machine's name. */
export function urlOf({ scheme, host, port }: ListenAddress): string {
  const named = isWildcard(host) ? hostname() : host
  return new URL(`${scheme}://${isIP(named) === 6 ? `[${named}]` : named}:${port}`).origin
}

/** `0.0.0.0` or `::`. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

/** The host of a URL, without brackets. */
export function hostOf(url: string): string {
  return unbracketed(new URL(url).hostname)
}

/** Where nobody is asked who he is. */
export type UnsecuredAccess = 'None' | 'Local' | 'PrivateNetwork' | 'PublicNetwork'

/** Throws `UnsecuredAccessRefused` unless plain HTTP on that host is allowed. */
export function demandUnsecuredAllowed(host: string, allowed: UnsecuredAccess): void {
  const reach = reachOf(host)
  const order: readonly UnsecuredAccess[] = ['None', 'Local', 'PrivateNetwork', 'PublicNetwork']
  if (order.indexOf(reach) > order.indexOf(allowed)) {
    throw tlsErrors.UnsecuredAccessRefused(host, reach, allowed)
  }
}

/** What DNS cannot hold (RFC 1035 section 2.3.4). */
function tooLong(host: string): string | undefined {
  const name = canonicalName(host)
  if (name.length > 253) return `its host has ${name.length} characters of 253`
  const label = name.split('.').find(({ length }) => length > 63)
  return label && `its host has a label of ${label.length} characters, and DNS takes 63`
}

/** From where an address can be reached. A name may lead anywhere. */
function reachOf(host: string): Exclude<UnsecuredAccess, 'None'> {
  const family = isIP(host)
  if (family === 0) return host === 'localhost' ? 'Local' : 'PublicNetwork'
  const kind = family === 6 ? 'ipv6' : 'ipv4'
  if (loopback().check(host, kind)) return 'Local'
  return privateNetworks().check(host, kind) ? 'PrivateNetwork' : 'PublicNetwork'
}

function loopback(): BlockList {
  return networks([
    ['127.0.0.0', 8, 'ipv4'],
    ['::1', 128, 'ipv6'],
  ])
}

function privateNetworks(): BlockList {
  return networks([
    ['10.0.0.0', 8, 'ipv4'],
    ['172.16.0.0', 12, 'ipv4'],
    ['192.168.0.0', 16, 'ipv4'],
    ['169.254.0.0', 16, 'ipv4'],
    ['fc00::', 7, 'ipv6'],
    ['fe80::', 10, 'ipv6'],
  ])
}

function networks(ranges: readonly [string, number, 'ipv4' | 'ipv6'][]): BlockList {
  const list = new BlockList()
  for (const [network, prefix, family] of ranges) list.addSubnet(network, prefix, family)
  return list
}

function unbracketed(host: string): string {
  return host.replace(/^\[|\]$/g, '')
}

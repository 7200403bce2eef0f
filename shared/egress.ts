/**
 * Where connections may go that a resource names: the address is looked at when the connection is made, so that a name which leads
 * elsewhere the next time gains nothing. What is refused, and what fails, looks alike: else whoever names addresses could scan with it.
 */
import { type LookupAddress, lookup as systemLookup } from 'node:dns'
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net'

export interface Egress {
  /** In place of the system's own, where a connection is made to a name. */
  readonly lookup: LookupFunction
  /** True for a name, and for an address that may be connected to. */
  allows(host: string): boolean
  /** Is told why something could not be reached: not for those who named it. */
  readonly note?: ((where: string, reason: string) => void) | undefined
}

export interface EgressRules {
  /** Networks (CIDR) that are refused beside those that always are. */
  readonly denied: readonly string[]
  /** Networks that are allowed nevertheless. */
  readonly allowed: readonly string[]
  readonly note?: Egress['note']
}

/** What whoever named the address hears. */
export const unreachableText = 'it cannot be reached, may not be, or is not trusted'

/** This host, links, the clouds' metadata services, several receivers at once. */
export const deniedAlways: readonly string[] = [
  ...['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4', '240.0.0.0/4'],
  ...['100.100.100.200/32', '168.63.129.16/32', '192.0.0.192/32'],
  ...['::/128', '::1/128', 'fe80::/10', 'ff00::/8', 'fd00:ec2::254/128', 'fd20:ce::254/128'],
]

/** Throws `TypeError` for what is no network in CIDR form. */
export function egressBy({ denied, allowed, note }: EgressRules, look = systemLookup): Egress {
  const [refused, permitted] = [networks([...deniedAlways, ...denied]), networks(allowed)]
  const isAllowed = (address: string): boolean =>
    formsOf(address).every((form) => contains(permitted, form) || !contains(refused, form))
  return {
    note,
    allows: (host) => isIP(bare(host)) === 0 || isAllowed(bare(host)),
    lookup: (name, options, callback) => {
      look(name, { ...options, all: true }, (error, found: readonly LookupAddress[]) => {
        if (error !== null) return callback(error, [])
        const open = found.filter(({ address }) => isAllowed(address))
        const [first] = open
        if (first === undefined)
          return callback(new Error('no address that may be connected to'), [])
        if (options.all === true) callback(null, [...open])
        else callback(null, first.address, first.family)
      })
    },
  }
}

/** Every network of a list, or `TypeError` with the one that is none. */
export function networks(list: readonly string[]): BlockList {
  const block = new BlockList()
  for (const text of list) {
    const [, address = '', bits = ''] = /^([0-9A-Fa-f.:]+)\/(\d{1,3})$/.exec(text) ?? []
    const family = familyOf(address)
    if (family === undefined || Number(bits) > (family === 'ipv4' ? 32 : 128))
      throw new TypeError(`"${text}" is no network: write e.g. 192.0.2.0/24`)
    block.addSubnet(address, Number(bits), family)
  }
  return block
}

function contains(block: BlockList, address: string): boolean {
  return block.check(address, familyOf(address) ?? 'ipv4')
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  return ({ 4: 'ipv4', 6: 'ipv6' } as const)[isIP(address) as 4 | 6]
}

/** Without brackets and zone. */
function bare(host: string): string {
  return host.replace(/^\[|\]$/g, '').replace(/%.*$/, '')
}

/** The address, and every IPv4 address to which a network may translate it. */
function formsOf(address: string): readonly string[] {
  const plain = bare(address)
  if (!isIPv6(plain)) return [plain]
  const groups = groupsOf(plain)
  return [plain, ...embedded(groups).map(([high, low]) => dotted(high, low))]
}

type Groups = readonly number[]
type Halves = readonly [number, number]

/** Where IPv6 addresses hold IPv4 ones. Of `::` and `::1` nobody says so. */
const holders: readonly (readonly [is: RegExp, halves: (groups: Groups) => Halves])[] = [
  // Mapped, compatible, translated (RFC 2765), NAT64 (RFC 6052, 8215), ISATAP.
  [/^(0:){5}(ffff:|0:(?!0:))|^(0:){4}ffff:0:|^64:ff9b:|:(?:0|200):5efe:[^:]+:[^:]+$/, lastTwo],
  // 6to4, Teredo.
  [/^2002:/, ([, high = 0, low = 0]) => [high, low]],
  [/^2001:0:/, (groups) => lastTwo(groups.map((group) => group ^ 0xffff))],
]

function embedded(groups: Groups): readonly Halves[] {
  const text = groups.map((group) => group.toString(16)).join(':')
  return holders.flatMap(([is, halves]) => (is.test(text) ? [halves(groups)] : []))
}

function lastTwo(groups: Groups): Halves {
  return [groups[6] ?? 0, groups[7] ?? 0]
}

/** Eight numbers of 16 bits. */
function groupsOf(address: string): Groups {
  const hex = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [head = '', tail] = hex.split('::')
  const parse = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
  const [first, rest] = [parse(head), parse(tail ?? '')]
  const gap = tail === undefined ? 0 : 8 - first.length - rest.length
  return [...first, ...Array<number>(gap).fill(0), ...rest]
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.')
}

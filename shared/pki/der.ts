/** The few DER forms that a PFX is made of, as bytes. */

/** One tag with its content. */
export function tagged(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content)
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body])
  const hex = body.length.toString(16)
  const length = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body])
}

export function sequence(...content: readonly Uint8Array[]): Buffer {
  return tagged(0x30, ...content)
}

export function set(...content: readonly Uint8Array[]): Buffer {
  return tagged(0x31, ...content)
}

export function octets(bytes: Uint8Array): Buffer {
  return tagged(0x04, bytes)
}

/** `[n] EXPLICIT`. */
export function explicit(number: number, content: Uint8Array): Buffer {
  return tagged(0xa0 | number, content)
}

export function nothing(): Buffer {
  return tagged(0x05)
}

/** A non-negative whole number. */
export function integer(value: number): Buffer {
  const hex = value.toString(16)
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return (bytes[0] ?? 0) >= 0x80 ? tagged(0x02, Buffer.from([0]), bytes) : tagged(0x02, bytes)
}

/** An object identifier from its dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

/** Big-endian groups of seven bits; all but the last have the high bit. */
function base128(value: number): number[] {
  const groups = [value & 0x7f]
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    groups.unshift((rest & 0x7f) | 0x80)
  }
  return groups
}

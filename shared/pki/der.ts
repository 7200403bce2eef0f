/** The few DER forms (X.690) that hold others, or bytes, in certificates and PFX files. */

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

/** A BIT STRING; so many bits at its end do not count. */
export function bits(bytes: Uint8Array, unused = 0): Buffer {
  return tagged(0x03, Buffer.from([unused]), bytes)
}

/** `[n] IMPLICIT` of something without members. */
export function implicit(number: number, bytes: Uint8Array): Buffer {
  return tagged(0x80 | number, bytes)
}

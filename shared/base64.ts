/** Base64 of secrets, from bytes to bytes: a JavaScript string could not be wiped afterwards. */

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const valueOfDigit = new Int8Array(256).fill(-1)
for (let value = 0; value < digits.length; value += 1)
  valueOfDigit[digits.charCodeAt(value)] = value

const padding = 0x3d

/** The bytes behind a text with its padding and perhaps blanks around it; undefined where it is no base64. */
export function decodeBase64(text: Uint8Array): Buffer | undefined {
  const [start, end] = withoutBlanks(text)
  if ((end - start) % 4 !== 0) return undefined
  const padded = end > start && text[end - 1] === padding ? (text[end - 2] === padding ? 2 : 1) : 0
  const bytes = Buffer.alloc(((end - start) / 4) * 3)
  for (let at = start, to = 0; at < end; at += 4, to += 3) {
    const group = groupOf(text, at, at + 4 === end ? padded : 0)
    if (group === undefined) {
      bytes.fill(0)
      return undefined
    }
    bytes.writeUIntBE(group, to, 3)
  }
  return bytes.subarray(0, bytes.length - padded)
}

/** 24 bits out of four digits, of which the last ones may be padding. */
function groupOf(text: Uint8Array, at: number, padded: number): number | undefined {
  let group = 0
  for (let i = 0; i < 4; i += 1) {
    const value = i < 4 - padded ? (valueOfDigit[text[at + i] ?? 0] ?? -1) : 0
    if (value < 0) return undefined
    group = group * 64 + value
  }
  return group
}

function withoutBlanks(text: Uint8Array): [start: number, end: number] {
  let [start, end] = [0, text.length]
  while (start < end && isBlank(text[start])) start += 1
  while (end > start && isBlank(text[end - 1])) end -= 1
  return [start, end]
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

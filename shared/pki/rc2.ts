/**
 * Decrypting RC2 in CBC mode (RFC 2268): what OpenSSL until 3.0, Windows and .NET encrypted the certificates of a PFX with, and OpenSSL's default
 * provider knows no longer. Nothing is encrypted with it: 40 bits hide nothing.
 */

const blockBytes = 8
const keyWords = 64

/** The permutation of section 2, made of the digits of pi. */
const piTable = Buffer.from(
  [
    'd978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2',
    '179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82',
    '54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626',
    '6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7',
    '08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ec',
    'c2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731',
    '2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a9',
    '0d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad',
  ].join(''),
  'hex',
)

/** The text without its padding (RFC 5652 section 6.3). `key`: 1 to 128 bytes, all of whose bits count. Throws an Error where key or text do not fit. */
export function decryptRc2(sealed: Uint8Array, key: Uint8Array, iv: Uint8Array): Buffer {
  const isWhole = sealed.length > 0 && sealed.length % blockBytes === 0
  if (!isWhole || iv.length !== blockBytes) throw new Error('wrong length')
  const words = expanded(key)
  const plain = Buffer.alloc(sealed.length)
  let before = iv
  for (let at = 0; at < sealed.length; at += blockBytes) {
    const block = sealed.subarray(at, at + blockBytes)
    const opened = decryptedBlock(block, words)
    for (let byte = 0; byte < blockBytes; byte += 1)
      plain[at + byte] = (opened[byte] ?? 0) ^ (before[byte] ?? 0)
    before = block
  }
  return unpadded(plain)
}

/** Section 2, with as many effective bits as the key has. */
function expanded(key: Uint8Array): Uint16Array {
  if (key.length === 0 || key.length > 2 * keyWords) throw new Error('wrong length of the key')
  const bytes = new Uint8Array(2 * keyWords)
  bytes.set(key)
  for (let at = key.length; at < bytes.length; at += 1)
    bytes[at] = fromPi((bytes[at - 1] ?? 0) + (bytes[at - key.length] ?? 0))
  const start = bytes.length - key.length
  bytes[start] = fromPi(bytes[start] ?? 0)
  for (let at = start - 1; at >= 0; at -= 1)
    bytes[at] = fromPi((bytes[at + 1] ?? 0) ^ (bytes[at + key.length] ?? 0))
  return Uint16Array.from({ length: keyWords }, (_, at) => wordAt(bytes, at))
}

function fromPi(index: number): number {
  return piTable[index & 0xff] ?? 0
}

function wordAt(bytes: Uint8Array, index: number): number {
  return (bytes[2 * index] ?? 0) | ((bytes[2 * index + 1] ?? 0) << 8)
}

/** Section 4: five rounds of unmixing, six and five, with an unmashing between them. */
function decryptedBlock(block: Uint8Array, words: Uint16Array): Buffer {
  const r = Uint16Array.from({ length: 4 }, (_, at) => wordAt(block, at))
  let next = keyWords - 1
  for (const rounds of [5, 6, 5]) {
    for (let round = 0; round < rounds; round += 1, next -= 4) unmix(r, words, next)
    if (next > 0) unmash(r, words)
  }
  const opened = Buffer.alloc(blockBytes)
  for (const [at, word] of r.entries()) opened.writeUInt16LE(word, 2 * at)
  return opened
}

const rotations = [1, 2, 3, 5]

function unmix(r: Uint16Array, words: Uint16Array, last: number): void {
  for (let at = 3; at >= 0; at -= 1) {
    const [one, two, three] = [r[(at + 3) & 3] ?? 0, r[(at + 2) & 3] ?? 0, r[(at + 1) & 3] ?? 0]
    const by = rotations[at] ?? 0
    const word = r[at] ?? 0
    const rotated = (word >> by) | (word << (16 - by))
    r[at] = rotated - (words[last - 3 + at] ?? 0) - (one & two) - (~one & three)
  }
}

function unmash(r: Uint16Array, words: Uint16Array): void {
  for (let at = 3; at >= 0; at -= 1)
    r[at] = (r[at] ?? 0) - (words[(r[(at + 3) & 3] ?? 0) & (keyWords - 1)] ?? 0)
}

function unpadded(plain: Buffer): Buffer {
  const count = plain.at(-1) ?? 0
  const padding = plain.subarray(plain.length - count)
  if (count < 1 || count > blockBytes || padding.some((byte) => byte !== count))
    throw new Error('wrong padding')
  return plain.subarray(0, plain.length - count)
}

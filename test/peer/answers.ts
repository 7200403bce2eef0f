/** Reading answers: JSON, the zip of a generated certificate, or some text. */
import { X509Certificate } from 'node:crypto'
import { unzipSync } from 'fflate'
import type { Answer, Seen } from './scenario.types.ts'

const yearMs = 31_557_600_000

/** The answer with its body read. */
export function read(answer: Answer): Seen {
  return { status: answer.status, header: answer.headers, body: readBody(answer.body) }
}

/** Value at a dotted path such as `body.Results.0.Id`, or undefined. */
export function dig(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | null)?.[key], value)
}

function readBody(body: Buffer): unknown {
  if (body.length === 0) return null
  if (isZip(body)) return { zip: describeZip(body) }
  const text = body.toString('utf8')
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON: pages, keys, streams of lines, pictures.
    return { text: text.trim() }
  }
}

/** Files of a zip by name; none when it is no zip. */
export function unzip(body: Buffer): Map<string, Buffer> {
  if (!isZip(body)) return new Map()
  return new Map(Object.entries(unzipSync(body)).map(([name, file]) => [name, Buffer.from(file)]))
}

function isZip(body: Buffer): boolean {
  return body.toString('latin1', 0, 2) === 'PK'
}

function describeZip(body: Buffer): Record<string, unknown> {
  return Object.fromEntries(
    [...unzip(body)].map(([name, file]) => [
      name,
      name.endsWith('.crt') ? describeCertificate(file) : describeFile(file),
    ]),
  )
}

function describeCertificate(file: Buffer): Record<string, unknown> {
  const certificate = new X509Certificate(file)
  const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey
  const lifetimeMs = certificate.validToDate.getTime() - certificate.validFromDate.getTime()
  return {
    kind: 'PEM certificate',
    subject: certificate.subject,
    issuer: certificate.issuer,
    key: `${asymmetricKeyType} ${asymmetricKeyDetails?.modulusLength ?? ''}`,
    years: Math.round(lifetimeMs / yearMs),
    eku: (certificate.toLegacyObject().ext_key_usage ?? []).join(','),
    ca: certificate.ca,
    san: certificate.subjectAltName ?? null,
    count: file.toString('latin1').split('BEGIN CERT').length - 1,
  }
}

function describeFile(file: Buffer): Record<string, unknown> {
  const text = file.toString('latin1')
  const label = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(text)?.[1]
  return {
    kind: label ?? (isZip(file) ? 'zip' : `binary, first byte ${file[0]}`),
    encrypted: text.includes('ENCRYPTED'),
  }
}

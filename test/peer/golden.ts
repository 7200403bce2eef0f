/** Records of what a real server answered: one file for each scenario, one line for each step. */
import fs from 'node:fs'
import path from 'node:path'
import { dig } from './answers.ts'
import type { Answer, RequestStep, Seen } from './scenario.types.ts'
import { scrub } from './scrub.ts'

/** What is kept of one answer. */
export interface GoldenStep {
  readonly status: number | string
  readonly open?: string
  readonly headers: Readonly<Record<string, unknown>>
  /** Length of the list that the step counts. */
  readonly items?: number
  readonly body: unknown
}

/** Steps by name. */
export type Golden = Readonly<Record<string, GoldenStep>>

/** `METHOD /path/*` → status → identities that were answered so, separated by blanks. */
export type GoldenMatrix = Readonly<Record<string, Readonly<Record<string, string>>>>

/** What our server is compared with. 7.2.7 was recorded without the licence that its encrypted databases need. */
export const ourRecords = {
  golden: path.join(import.meta.dirname, 'golden-7.2'),
  goldenOf: { secrets: path.join(import.meta.dirname, 'golden-4.1') },
}

const keptHeaders = [
  'content-type',
  'database-missing',
  'location',
  'content-disposition',
  'refresh-topology',
  'refresh-client-configuration',
  'allow',
  'raven-author',
  'attachment-size',
  'www-authenticate',
  'set-cookie',
]

/** What is recorded of an answer. */
export function goldenStep(step: RequestStep, answer: Answer, { body }: Seen): GoldenStep {
  const length = step.count === undefined ? undefined : dig(body, `${step.count}.length`)
  const exactIndex = step.exact ? dig(body, 'IndexName') : undefined
  const scrubbing = {
    shape: step.shape === true && !(Number(answer.status) >= 400),
    ...(typeof exactIndex === 'string' ? { exactIndex } : {}),
  }
  return {
    status: answer.status,
    ...(answer.open ? { open: answer.open } : {}),
    headers: goldenHeaders(answer),
    ...(typeof length === 'number' ? { items: length } : {}),
    body: scrub(keptBody(step, body), scrubbing),
  }
}

/** The record of a scenario, or null where the server was not asked it. */
export function readGolden<T extends Golden | GoldenMatrix>(
  folder: string,
  scenario: string,
): T | null {
  const file = path.join(folder, `${scenario}.json`)
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : null
}

export function writeGolden(folder: string, scenario: string, golden: Golden | GoldenMatrix): void {
  const lines = Object.entries(golden).map(
    ([name, kept]) => `${JSON.stringify(name)}:${JSON.stringify(kept)}`,
  )
  fs.mkdirSync(folder, { recursive: true })
  fs.writeFileSync(path.join(folder, `${scenario}.json`), `{\n${lines.join(',\n')}\n}\n`)
}

function goldenHeaders({ headers, body }: Answer): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  for (const name of keptHeaders) if (headers[name]) kept[name] = scrub(String(headers[name]))
  if (headers['attachment-hash']) kept['attachment-hash'] = '<hash>'
  if (headers.etag !== undefined) kept.etag = scrubEtag(headers.etag)
  const empty = headers['transfer-encoding'] ? 'chunked, empty' : 'none'
  const length = headers['content-length'] === '0' ? 'content-length 0' : empty
  return { ...kept, body: body.length > 0 ? 'present' : length }
}

function scrubEtag(etag: string): string {
  if (/^"?Hash-/.test(etag)) return '"Hash-<base64>"'
  if (/^"?Z@/.test(etag)) return 'Z@<n>@<n>' // a file of the Studio's archive
  return etag
    .replace(/[A-Z]+:\d+-[A-Za-z0-9+/]{22}(, )?/g, '<cv>')
    .replace(/-?\d{2,}/g, '<n>')
    .replace(/^"?-?\d"?$/, (digit) => digit.replace(/\d/, '<n>'))
}

function keptBody(step: RequestStep, body: unknown): unknown {
  if (body === null || typeof body !== 'object') return body
  const kept = Object.entries(body).filter(([key]) => step.only?.includes(key) ?? true)
  return Array.isArray(body)
    ? body
    : Object.fromEntries(
        kept.map(([key, value]) => [
          key,
          key === step.sort && Array.isArray(value) ? value.toSorted(byName) : value,
        ]),
      )
}

function byName(one: unknown, other: unknown): number {
  const text = (item: unknown) => JSON.stringify(dig(item, 'Name') ?? item)
  return text(one) < text(other) ? -1 : 1
}

/** Requests as nobody should send them, for every route there is: wrong types, odd texts, deep and wide JSON. Made from a seed. */
import { describedRoutes } from '#docs/generate/described-routes.ts'
import type { Call } from './caller.ts'
import type { Seeded } from './seeded.ts'

/** Members of the bodies that any route reads. */
const members = [
  ...['Commands', 'Ids', 'Query', 'QueryParameters', 'Start', 'PageSize', 'TransactionMode'],
  ...['DatabaseName', 'Topology', 'Settings', 'Encrypted', 'Disabled', 'LockMode', 'Indexes'],
  ...['DatabaseNames', 'FromNodes', 'HardDelete', 'Name', 'Certificate', 'Password', 'Usage'],
  ...['SecurityClearance', 'Permissions', 'Thumbprint', 'NotAfter', 'NotBefore'],
  ...['PermissionExpirations', 'SecurityClearanceExpiration', 'KeyAuthorization'],
  ...['Type', 'Id', 'Document', 'ChangeVector', '@metadata', '__proto__', 'toString', 'Members'],
]

/** Values of addresses that any route reads. */
const values = [
  ...['id', 'name', 'tag', 'start', 'pageSize', 'startsWith', 'matches', 'exclude', 'startAfter'],
  ...['include', 'metadataOnly', 'query', 'value', 'force', 'lastBatchSize', 'lastMax', 'end'],
  ...['lastRangeAt', 'last', 'thumbprint', 'overwrite', 'raft-request-id', 'debug', 'namesOnly'],
  ...['identityPartsSeparator', 'numberOfReplicasToWaitFor', '__proto__', 'constructor', ''],
]

const texts = [
  ...[
    '',
    ' ',
    '\0',
    'a',
    'İ',
    'ΟΔΟΣ',
    '\u{1F600}',
    '%',
    '%ff',
    '%00',
    '../../etc/passwd',
    "'",
    '"\\',
  ],
  ...['-1', '0', '1', '9007199254740993', '1e400', 'NaN', '-0', '1.5', '99999999999999999999'],
  ...['true', 'null', 'undefined', '__proto__', 'toString', 'constructor', 'users/', 'users|', '|'],
  ...['from @all_docs', "from X where id() in ('a", 'from X where (((((', 'from X include a((((('],
  ...[
    '2026-02-30T00:00:00Z',
    '9999-13-01',
    '-----BEGIN CERTIFICATE-----',
    'MIIB',
    '*',
    '*?*?*',
    'a|b',
  ],
  ...['x'.repeat(600), 'ü'.repeat(3_000), '('.repeat(2_000), "'".repeat(2_000), '*a'.repeat(500)],
]

const json = [
  ...[
    'null',
    'true',
    '0',
    '-1',
    '1e400',
    '12345678901234567890',
    '1.10',
    '"\\ud800"',
    '""',
    '[]',
    '{}',
  ],
  ...[
    '{"toString":1}',
    '{"__proto__":{"a":1}}',
    '{"constructor":{"prototype":1}}',
    '{"length":-1}',
  ],
  ...['[null]', '[[[]]]', '[1,"a",{}]', '{"":""}', '{"a":{"a":{"a":[]}}}', '[{"toString":1}]'],
  `${'['.repeat(500)}${']'.repeat(500)}`,
  `${'{"a":'.repeat(500)}1${'}'.repeat(500)}`,
  `[${'0,'.repeat(5_000)}0]`,
  `{${Array.from({ length: 2_000 }, (_, index) => `"n${index}":${index}`).join()}}`,
]

const noJson = [
  '',
  'x',
  '{',
  '[',
  '{"a":NaN}',
  '{"a":1}}',
  '{"a":1,"a":2}',
  '\ufeff{}',
  '"',
  'null',
  '[]',
  '1',
]

const headerValues = ['"A:1-x"', '""', '"', '*', '404 Response', 'x'.repeat(2_000), '-1', '0', 'ü']
const headers = [
  'if-match',
  'if-none-match',
  'etag',
  'content-type',
  'topology-etag',
  'accept-encoding',
]

/** One for that route, which is there for a database of that name. */
export function hostileRequest(
  { method, path }: { readonly method: string; readonly path: string },
  { random, database }: { readonly random: Seeded; readonly database: string },
): Call {
  const where = random.chance(0.9) ? database : encodeURIComponent(random.pick(texts) || '%')
  const address = path.replace(':database', where)
  const hasBody = method !== 'GET' && method !== 'HEAD'
  return {
    method,
    path: `${address}?${query(random)}`,
    ...(hasBody ? { body: body(random) } : {}),
    headers: {
      ...(hasBody ? { 'content-type': 'application/json' } : {}),
      ...(random.chance(0.3) ? { [random.pick(headers)]: latin(random.pick(headerValues)) } : {}),
    },
  }
}

/** Method and path of every route. */
export const everyRoute: readonly { readonly method: string; readonly path: string }[] =
  describedRoutes().map(({ method, path }) => ({ method, path }))

function query(random: Seeded): string {
  const parts = Array.from({ length: random.whole(0, 4) }, () => {
    const value = random.pick(texts)
    return `${random.pick(values)}=${random.chance(0.8) ? encodeURIComponent(value) : plain(value)}`
  })
  return parts.join('&')
}

/** As it is, but for what would end the address. */
function plain(value: string): string {
  return value.replace(/[^!$-;=?-~]/g, '')
}

function latin(value: string): string {
  return value.replace('ü', '\u00fc')
}

function body(random: Seeded): string {
  if (random.chance(0.15)) return random.pick(noJson)
  const names = new Set(Array.from({ length: random.whole(1, 6) }, () => random.pick(members)))
  return `{${[...names].map((name) => `"${name}":${value(random, 0)}`).join()}}`
}

function value(random: Seeded, depth: number): string {
  if (depth < 3 && random.chance(0.25)) return `[${value(random, depth + 1)}]`
  if (depth < 3 && random.chance(0.25))
    return `{"${random.pick(members)}":${value(random, depth + 1)}}`
  return random.chance(0.4) ? JSON.stringify(random.pick(texts)) : random.pick(json)
}

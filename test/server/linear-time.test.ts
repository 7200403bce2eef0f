/**
 * Text from callers is read in time that grows with its length: every regular expression that a request can reach, with the reason, and
 * every parser with its input made longer.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fits } from '#server/database/documents.ts'
import { includePath } from '#server/database/includes.ts'
import { scanJson } from '#server/database/json/scan.ts'
import { escapedStrays, parsedQuery as parsedAddress } from '#server/http/query-values.ts'
import { tokens } from '#server/query/lex.ts'
import { parsedQuery } from '#server/query/parse.ts'
import { planOf } from '#server/query/plan.ts'
import { hasCode } from '#shared/errors.ts'
import { readCertificates } from '#shared/pki/certificate.ts'
import { regularExpressions } from '#test/support/source-tree/mask.ts'
import { filePaths, sourceFiles } from '#test/support/source-tree/source-tree.ts'

/** Each character is looked at a fixed number of times: no two repeated parts beside each other can hold the same character. */
const steps = 'its repeated parts share no character'
/** It looks at one character, or at a few from where it is told to begin. */
const few = 'it looks at a few characters'
/** One class, replaced or looked for wherever it is. */
const single = 'each match is one character'
/** What is looked for is a fixed number of characters from each place. */
const fixed = 'from each place it looks at a fixed number of characters'

/** Source of each regular expression that can meet what a caller sent → why it is linear. A number bounds what it is given, in characters. */
const reasons: Readonly<Record<string, string | number>> = {
  // names, dates and numbers
  '/^[\\p{L}\\p{M}\\p{Nd}_.-]+$/u': steps,
  '/^(?:con|prn|aux|nul|com\\d|lpt\\d)(?:\\.|$)/i': few,
  '/^(con|prn|aux|nul|com\\d|lpt\\d)(\\.|$)/i': few,
  '/\\p{Cc}|\\p{Cs}/u': single,
  '/^(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d)(?:\\.\\d{1,7})?(Z|[+-]\\d\\d:\\d\\d)?$/': few,
  '/^\\d{4}-\\d\\d-\\d\\d[tT ]\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?([zZ]|[+-]\\d\\d:\\d\\d)$/': steps,
  '/^\\s*-?\\d{1,16}\\s*$/': steps,
  '/^(-?)(\\d{1,8})$/': few,
  '/^(-?)(?:(\\d{1,8})\\.)?([01]?\\d|2[0-3]):([0-5]?\\d)(?::([0-5]?\\d(?:\\.\\d{1,7})?))?$/': few,
  '/^[1-9]\\d*$/': steps,
  '/z$/i': single,
  '/^\\d{1,9}$/': few,
  // addresses and headers
  '/%(?![0-9a-f]{2})/gi': fixed,
  '/%(?!25)/g': fixed,
  '/^[\\w!#$&^.+-]+\\/[\\w!#$&^.+-]+\\s*(;|$)/': steps,
  '/^\\[|\\]$/g': single,
  '/^(\\[[0-9a-f:.]+\\]|[\\w.-]{1,253})(?::(\\d{1,5}))?$/i': steps,
  '/\\d[.eE]|\\d{16}|-0/': fixed,
  // RQL
  '/[\\p{L}_@][\\p{L}\\p{N}_@-]*/uy': steps,
  '/-?\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?/y': steps,
  '/\\$[\\p{L}\\p{N}_]+/uy': steps,
  '/==|!=|<>|<=|>=|&&|\\|\\||[\\s\\S]/uy': few,
  '/\\s/': few,
  '/\\\\([\\s\\S])/g': fixed,
  '/^[=<>!.]/': few,
  '/^(?:in|between|all)$/i': few,
  // certificates, keys and files that hold them
  '/\\s/g': single,
  '/^[A-Za-z0-9+/]+={0,2}$/': steps,
  '/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\\s]+-----END CERTIFICATE-----/g': steps,
  '/-----[A-Z ]+-----/g': steps,
  '/-----BEGIN [A-Z ]*PRIVATE KEY-----/': steps,
  '/.{64}(?=.)/g': fixed,
  '/md[245]|sha-?1(?!\\d)/i': fixed,
  '/[",]/': single,
  '/.{4}/g': fixed,
  '/^\\[(.*)\\]$/s': 'it goes back over its one part once',
  '/\\.$/': single,
  '/[^\\x21-\\x7e]/': single,
  '/[\\s\\p{Cc}]/u': single,
  '/(^|\\.)(\\d+|0x[0-9a-f]*)$/': steps,
  '/^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/': few,
  '/[A-Z]/g': single,
  '/^(\\d{4})(\\d\\d)(\\d\\d)(\\d\\d)(\\d\\d)(\\d\\d)Z$/': few,
  '/[\\s:]/g': single,
  '/^[0-9A-F]{40}$/': few,
  '/^(\\d{4})-(\\d\\d)-(\\d\\d)T(\\d\\d):(\\d\\d):(\\d\\d)(?:\\.(\\d{1,7}))?(?:Z|([+-])(\\d\\d):(\\d\\d))?$/':
    few,
  '/[\\\\"+]/': single,
  '/([A-Za-z ]+):("(?:[^"\\\\]|\\\\.)*"|[^,]*)(?:, |$)/g': 512,
  '/\\.\\d+Z$|[-:T]/g': 30,
  '/^[\\x21-\\x7e]+$/': steps,
  "/[!'()*]/g": single,
  '/[\\p{C}\\\\/:*?"<>|]/gu': single,
  '/^[.\\s]+|[.\\s]+$/g': 256,
  '/^[.\\s]+/': steps,
  // challenges
  '/^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\\.)*[a-z0-9-]{1,63}$/i': 253,
  '/^[\\w-]+\\.[\\w-]{43}$/': steps,
  '/^\\*\\./': few,
  '/^urn:ietf:params:acme:error:/': few,
}

/** What is reachable by imports, and reads settings, files or answers of others only. */
const notForCallers = [
  ...[
    'server/config',
    'server/acme/',
    'server/storage/',
    'shared/program.ts',
    'shared/fold-case.ts',
    'shared/egress.ts',
    'server/system/store-age.ts',
  ],
  ...['server/access/well-known', 'shared/acme/'],
]

const files = new Map(
  sourceFiles([...filePaths('server'), ...filePaths('shared')]).map((file) => [file.path, file]),
)

function onRequestPath(): string[] {
  const seen = new Set<string>()
  const visit = (path: string): void => {
    if (seen.has(path)) return
    seen.add(path)
    for (const { target } of files.get(path)?.imports ?? []) if (files.has(target)) visit(target)
  }
  for (const path of [
    'server/http/server.ts',
    'server/http/all-routes.ts',
    'server/access/hook.ts',
  ])
    visit(path)
  return [...seen].filter((path) => !notForCallers.some((prefix) => path.startsWith(prefix)))
}

const expressions = onRequestPath().flatMap((path) =>
  regularExpressions(files.get(path)?.text ?? '').map((source) => ({ path, source })),
)

test('every regular expression that a request can reach has a row with the reason why it is linear', () => {
  const missing = expressions.filter(({ source }) => reasons[source] === undefined)
  assert.deepEqual(
    missing.map(({ path, source }) => `${path}: ${source}`),
    [],
    'give each a row in this file, or read the text without it',
  )
})

test('no regular expression is made from what a caller sent', () => {
  const made = onRequestPath().filter((path) => /\bRegExp\(/.test(files.get(path)?.code ?? ''))
  // From our own schemas and patterns.
  const ours = ['shared/schema/check.ts', 'shared/pki/names.ts', 'shared/database-name.ts']
  assert.deepEqual(
    made.filter((path) => !ours.includes(path)),
    [],
  )
})

test('every regular expression is quick on texts that are made to keep it busy', () => {
  for (const { source } of expressions) {
    const reason = reasons[source]
    const length = typeof reason === 'number' ? reason : 65_536
    const slash = source.lastIndexOf('/')
    const expression = new RegExp(source.slice(1, slash), source.slice(slash + 1).replace('y', ''))
    for (const [before, again] of pumps(source)) {
      const text = `${before}${again.repeat(length / again.length)}`.slice(0, length - 1)
      const took = quickest(3, () => `${text}\0`.replace(expression, ''))
      assert.ok(took < 250, `${source} took ${took} ms on ${JSON.stringify([before, again])}…`)
    }
  }
})

/** A beginning, and what is repeated behind it: out of the characters that stand in the expression itself. */
function pumps(source: string): [string, string][] {
  const own = source
    .slice(1, source.lastIndexOf('/'))
    .replace(/\\[a-zA-Z](?:\{\w+\})?|[\\()?]/g, '')
  const units = new Set(['a', '0', ' ', '.', '-', '\\', '"', ...own])
  const repeated = [...units, own.slice(0, 40), 'a,', '" ', '\\"', 'a: '].filter(
    (text) => text !== '',
  )
  return repeated.flatMap((again) =>
    ['', 'a', '-', '"'].map((before): [string, string] => [before, again]),
  )
}

/** Milliseconds of processor time of the quickest run: what others do on this machine does not count. */
function quickest(runs: number, work: () => unknown): number {
  let best = Number.POSITIVE_INFINITY
  for (let run = 0; run < runs; run += 1) {
    const began = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(began)
    best = Math.min(best, (user + system) / 1_000)
    if (best < 5) break
  }
  return best
}

const certificate = '-----BEGIN CERTIFICATE-----'
const ids = Array.from({ length: 3 }, (_, index) => `orders/${index}`)

/** Parsers, each with hostile texts: what stands before, what is repeated, what stands behind. */
const parsers: readonly {
  readonly name: string
  readonly characters: number
  readonly texts: readonly (readonly [string, string, string])[]
  readonly run: (text: string) => unknown
}[] = [
  {
    name: 'tokens()',
    characters: 65_536,
    texts: [
      ...["'", '"', "'\\'", '"\\"', '/*', '/', '*/', '\\', '-', '1e', '$', 'a', '1.', '//\n'],
      ...'\'"\\ /*',
    ].map((text) => ['', text, ''] as const),
    run: tokens,
  },
  {
    name: 'parsedQuery()',
    characters: 65_536,
    texts: [
      ['from X where ', 'not ', 'true'],
      ['from X where ', "id() = 'a' or ", 'true'],
      ['from X where ', "id() in ('a', 'b') and ", 'true'],
      ['from X where id() in (', "'a',", "'a')"],
      ['from X where id() in (', "'a',", ''],
      ['from X order by id()', ',id()', ''],
      ['from X include a', '[]', ''],
      ['from X include a', '.a', ''],
      ['from X include a', ',a', ''],
      ['from X where ', '(', ''],
    ],
    run: parsedQuery,
  },
  {
    name: 'planOf()',
    characters: 16_384,
    texts: [
      ['from X where ', 'id() in ($p) or ', 'true'],
      ['from X where ', "id() in ($p) or startsWith(id(), 'x') or ", "id() = 'x'"],
      ['from X where ', 'not id() in ($p) and ', 'true'],
      ['from X where id() in (', '$p,', '$p)'],
    ],
    run: (text) =>
      planOf(parsedQuery(text), { parameters: new Map([['p', ids]]), start: 0, pageSize: 1 }),
  },
  {
    name: 'includePath()',
    characters: 65_536,
    texts: ['(', '[]', '[]x', '.', ')', '()', '[', 'a('].map((text) => ['a', text, ''] as const),
    run: includePath,
  },
  {
    name: 'the query of an address',
    characters: 65_536,
    texts: ['%', '%%', '%2', '&', 'a=', '=&', '+', '%ff', '%25'].map(
      (text) => ['', text, ''] as const,
    ),
    run: parsedAddress,
  },
  {
    name: 'escapedStrays()',
    characters: 65_536,
    texts: ['%', '%2', '%ff', '%C3%A9', 'a'].map((text) => ['', text, ''] as const),
    run: escapedStrays,
  },
  {
    name: 'scanJson()',
    characters: 1_000_000,
    texts: [
      ['', ' ', '1'],
      ['"', 'a', '"'],
      ['"', '\\u00e9', '"'],
      ['[', '[],', '1]'],
      ['[', '{"a":1},', '1]'],
      ['[', '"a', ''],
      ['', '[', ''],
      ['{"a":', '{"a":', '1}'],
      ['', '1', ''],
    ],
    run: (text) => scanJson(Buffer.from(text), 0),
  },
  {
    name: 'readCertificates()',
    characters: 250_000,
    texts: [certificate, `${certificate}A`, '-----', '-', `${certificate} `, '-----END '].map(
      (text) => ['-----BEGIN', text, ''] as const,
    ),
    run: (text) => readCertificates(Buffer.from(text)),
  },
]

for (const { name, characters, texts, run } of parsers) {
  test(`${name} takes eight times as long for eight times the text, not sixty-four`, () => {
    for (const [before, again, after] of texts) {
      const textOf = (length: number) => `${before}${again.repeat(length / again.length)}${after}`
      const took = (length: number) => {
        const text = textOf(length)
        return quickest(5, () => refusing(() => run(text)))
      }
      const [short, long] = [took(characters / 8), took(characters)]
      const what = `${long.toFixed(1)} ms, after ${short.toFixed(1)} for an eighth, of ${JSON.stringify(again)}`
      assert.ok(long <= Math.max(24 * short, 200), what)
    }
  })
}

test('fits() takes no longer than the pattern times the id', () => {
  const id = `${'a'.repeat(511)}b`
  for (const pattern of [
    '*a'.repeat(250),
    `*${'a'.repeat(400)}c`,
    '*'.repeat(500),
    '?*'.repeat(250),
  ]) {
    const took = quickest(5, () => fits(pattern, id))
    assert.ok(took < 50, `${took} ms for ${pattern.slice(0, 10)}`)
  }
})

/** Refusals are fine here; mistakes are not. */
function refusing(work: () => unknown): void {
  try {
    work()
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || !hasCode(error, String(error.code)))
      throw error
  }
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as texts from '#operator/api/texts.ts'
import { fits } from '#shared/schema/check.ts'
import { type TSchema, Type } from '#shared/schema/type.ts'

const { dnsName, hostName, objectName, publicHost } = texts

test('objectName, hostName, publicHost and dnsName take names and nothing that leaves its place', () => {
  const cases: readonly (readonly [string, ...(readonly boolean[])])[] = [
    ['vault', true, true, false, true],
    ['a-b.c-d', true, true, true, true],
    ['vault.example.com', true, true, true, true],
    ['*.example.com', false, false, false, true],
    ['*.com', false, false, false, false],
    ['a.*.com', false, false, false, false],
    ['*', false, false, false, false],
    ['-a', false, false, false, false],
    ['a-', false, false, false, false],
    ['A', false, false, false, false],
    ['a/b', false, false, false, false],
    ['../a', false, false, false, false],
    ['a b', false, false, false, false],
    ['a\nb', false, false, false, false],
    ['a\n', false, false, false, false],
    ['a..b', false, false, false, false],
    ['.a', false, false, false, false],
    ['a.', false, false, false, false],
    ['', false, false, false, false],
    ['10.0.0.1', true, false, false, false],
    ['1.1', true, false, false, false],
    ['example.0x7f', true, false, false, false],
    [`${'a'.repeat(63)}.com`, true, true, true, true],
    [`${'a'.repeat(64)}.com`, true, false, false, false],
    ['a'.repeat(253), true, false, false, false],
    ['a'.repeat(254), false, false, false, false],
    [`${'a.'.repeat(125)}com`, true, true, true, true],
    [`${'a.'.repeat(126)}com`, false, false, false, false],
  ]
  for (const [text, ...expected] of cases) {
    const schemas: readonly TSchema[] = [objectName, hostName, publicHost, dnsName]
    const found = schemas.map((schema) => fits(schema, text))
    assert.deepEqual(found, expected, JSON.stringify(text))
  }
})

interface Cases {
  readonly schema: TSchema
  readonly good: readonly string[]
  readonly bad: readonly string[]
}

const line = Type.String({ pattern: texts.oneLinePattern })
const control = ['\n', '\r', '\t', '\0', '\x7f', '\u0085', '\u2028', '\u2029', '\u200b', '\u202e']
const sha256 = 'a'.repeat(64)

const cases: Readonly<Record<string, Cases>> = {
  clusterName: { schema: texts.clusterName, good: ['a', 'a-1'], bad: ['1a', 'a.b', 'a-', 'A', ''] },
  namespaceName: { schema: texts.namespaceName, good: ['a', '1-a'], bad: ['a.b', '-a', 'A'] },
  dataKey: {
    schema: texts.dataKey,
    good: ['tls.crt', '.dockercfg', 'A_b-c', '_'],
    bad: ['.', '..', '..data', '', 'a/b', 'a b', 'a\n', 'ä'],
  },
  qualifiedName: {
    schema: texts.qualifiedName,
    good: ['a', 'A_b.c-d', 'example.com/a', `a/${'b'.repeat(63)}`],
    bad: [
      '',
      '/',
      'a/',
      '/a',
      'a/b/c',
      'A.com/a',
      '-a',
      'a-',
      'a b',
      `${'b'.repeat(64)}`,
      '..',
      'a\n',
    ],
  },
  labelValue: {
    schema: texts.labelValue,
    good: ['', 'a', 'A.b_c-d', 'a'.repeat(63)],
    bad: ['-', '.', 'a.', '-a', 'a b', 'a/b', 'ä', 'a\n', '{{a}}', 'a'.repeat(64)],
  },
  endpoint: {
    schema: texts.endpoint,
    good: [
      'ns1',
      'ns1.example.com:53',
      '10.0.0.1',
      '10.0.0.1:5353',
      '[2001:db8::1]:53',
      '2001:db8::1',
    ],
    bad: [
      '',
      ':53',
      'ns1:0',
      'ns1:65536',
      'ns1:',
      'ns 1',
      'ns1\n',
      '999.1.1.1',
      'a/b',
      'a..b',
      'http://a',
    ],
  },
  httpsUrl: {
    schema: Type.String({ pattern: texts.httpsUrlPattern }),
    good: [
      ...['https://ca.example/directory', 'https://ca.example', 'https://CA.example:14000/dir?a=b'],
      ...['https://10.0.0.1/', 'https://[2001:db8::1]:443/a%20b', 'https://pebble:14000/dir'],
    ],
    bad: [
      ...[
        '',
        'http://a.example/',
        'https://',
        'https:///a',
        'https://a b/',
        'https://a@b/',
        'https://a:0/',
      ],
      ...[
        'https://a:65536/',
        'https://a:x/',
        'https://[/',
        'https://1.2.3.4.5/',
        'https://256.1.1.1/',
      ],
      ...[
        'https://a/#b',
        'https://a/\n',
        'https://a/%zz',
        'https://a/"b"',
        'https://a../',
        'ftp://a/',
        'https://ä/',
      ],
    ],
  },
  certificatesPem: {
    schema: texts.certificatesPem,
    good: ['# a comment\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
    bad: [
      '',
      'x',
      '-----BEGIN CERTIFICATE-----',
      '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----',
    ],
  },
  mailbox: {
    schema: texts.mailbox,
    good: ['a@b.example', 'first.last+tag@mail.example.com', "o'neill@a.example"],
    bad: [
      '',
      'a',
      'a@',
      '@a',
      'a@b,c@d',
      'a b@c',
      'a@b\n',
      'a@b?x=y',
      'a%0a@b.example',
      'ä@b.example',
    ],
  },
  oneLine: {
    schema: line,
    good: ['a', 'The Shop', 'Zoë Müller', 'हिन्दी', '数据库', 'a/b', '{{x}}', '..'],
    bad: ['', ' ', ' a', 'a ', '\u00a0a', ...control.map((one) => `a${one}b`), ...control],
  },
  asciiLine: {
    schema: Type.String({ pattern: texts.asciiLinePattern }),
    good: ['a', 'tls server', '~'],
    bad: ['', ' a', 'a ', 'ä', ...control.map((one) => `a${one}b`)],
  },
  image: {
    schema: Type.String(texts.imageReference),
    good: [
      ...[
        'strongroom',
        'strongroom:1',
        'registry.example.com:5000/team/strongroom:v1.2_3-4',
        'localhost/a',
      ],
      ...[
        `ghcr.io/a/b@sha256:${sha256}`,
        `a/b:c@sha256:${sha256}`,
        '[2001:db8::1]:5000/a',
        'a__b/c.d/e--f',
      ],
    ],
    bad: [
      ...[
        '',
        ' a',
        'a ',
        'a b',
        'A',
        'a:',
        'a:-b',
        'a@sha256:short',
        'a//b',
        '/a',
        'a/',
        'a:b:c',
        '../a',
      ],
      ...['https://a/b', 'a\n', '${image}', `a:${'b'.repeat(129)}`, 'a.', 'a/B', 'ä'],
    ],
  },
}

for (const [name, { schema, good, bad }] of Object.entries(cases)) {
  test(`${name} takes what Kubernetes and the operator can use`, () => {
    for (const text of good) assert.ok(fits(schema, text), JSON.stringify(text))
  })
  test(`${name} refuses every other text`, () => {
    for (const text of bad) assert.ok(!fits(schema, text), JSON.stringify(text))
  })
}

test('httpsUrlPattern lets through what can be parsed as a URL', () => {
  for (const text of cases.httpsUrl?.good ?? []) assert.ok(URL.canParse(text), text)
})

test('patterns are written in what RE2 understands too: no look-around, no back reference', () => {
  for (const value of Object.values(texts)) {
    const pattern =
      typeof value === 'string' ? value : (value as { readonly pattern?: string }).pattern
    if (pattern === undefined) continue
    assert.doesNotMatch(pattern, /\(\?[=!<]|\\[1-9kb]/, pattern)
  }
})

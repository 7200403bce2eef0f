/**
 * Values of fields that our kinds take and that they refuse. What stands here is looked at twice: by the schemas as the operator reads them, and by a real
 * API server that was given the definitions.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { schemaTrouble } from '#operator/api/kind.ts'
import { customKinds } from '#operator/api/kinds.ts'
import { certificate, database, issuer, permission } from './resources.ts'
import { type FieldValues, strongroomValues } from './strongroom-values.ts'

const withSolver = (dns01: object) => () => issuer({ acme: { solvers: [{ dns01 }] } as never })
const keyRef = { name: 'key', key: 'key' }
const rfc2136 = { server: 'ns1.example:53', keyName: 'update', keySecretRef: keyRef }
const webhook = { url: 'https://dns.example/', tokenSecretRef: keyRef }
const ingress = () =>
  issuer({ acme: { solvers: [{ http01: { ingress: { className: 'nginx' } } }] } as never })
const solver = ['spec', 'acme', 'solvers', 0]
const long = 'a'.repeat(64)

export const fieldValues: readonly FieldValues[] = [
  ...strongroomValues,
  {
    resource: database,
    path: ['spec', 'name'],
    good: ['orders', 'Mixed.Case', '-a', '_a', 'हिन्दी', 'MÜŞTERİ', '数据库', 'a'.repeat(128)],
    bad: [
      ...[
        'CON',
        'con',
        'nul.txt',
        'COM1',
        'lpt9',
        'System',
        '.',
        '..',
        'a..b',
        '.a',
        'a.',
        '',
        ' ',
        'a b',
      ],
      ...['a/b', '../a', 'a\n', 'a\0', '😀', 'a'.repeat(129), 'a\u200bb', '{{a}}'],
    ],
  },
  {
    resource: database,
    path: ['metadata', 'name'],
    good: ['orders', 'a.b', 'a'.repeat(128)],
    bad: ['con', 'nul.a', 'com1', 'system', 'a'.repeat(129), 'a'.repeat(253)],
  },
  {
    resource: () => database({ spec: { name: 'orders' } }),
    path: ['metadata', 'name'],
    good: ['con', 'a'.repeat(253)],
    bad: [],
  },
  {
    resource: database,
    path: ['spec', 'clusterRef', 'name'],
    good: ['vault', 'v-1'],
    bad: ['', 'a.b', '1a', long, 'A', 'a\n'],
  },
  {
    resource: certificate,
    path: ['spec', 'commonName'],
    good: ['shop', 'The Shop', 'Zoë Müller', 'हिन्दी', '😀'.repeat(64), 'a/b', '{{a}}'],
    bad: [
      '',
      ' ',
      'a\nb',
      'a\0b',
      'a\tb',
      'a\x7f',
      'a\u2028b',
      'a\u202eb',
      ' a',
      'a ',
      'a'.repeat(65),
    ],
  },
  {
    resource: certificate,
    path: ['spec', 'secretName'],
    good: ['shop-tls', 'a.b', 'a'.repeat(253)],
    bad: ['a..b', '', 'A', 'a/b', '../a', 'a\n', '.a', 'a'.repeat(254), 'a_b'],
  },
  {
    resource: certificate,
    path: ['spec', 'duration'],
    good: ['5m', '1h', '2160h', '43800h', '1h30m5s', '300s'],
    bad: [
      '',
      '0h',
      '1s',
      '4m',
      '43801h',
      'h',
      '1d',
      '-1h',
      '1.5h',
      '9'.repeat(12),
      '99999999999h',
      '1h\n',
    ],
  },
  {
    resource: certificate,
    path: ['spec', 'secretTemplate'],
    good: [{}, { labels: { team: 'a', 'a.b/c': '' } }, { annotations: { a: 'any\ntext {{x}}' } }],
    bad: [
      ...[
        { labels: { 'a b': 'x' } },
        { labels: { a: 'a b' } },
        { labels: { a: long } },
        { labels: { '': 'x' } },
      ],
      ...[
        { labels: { 'strongroom.dev/cluster': 'x' } },
        { labels: { 'app.kubernetes.io/managed-by': 'x' } },
      ],
      ...[{ annotations: { '/': 'x' } }, { annotations: { 'strongroom.dev/source': 'x' } }],
      ...[
        { annotations: { [`${'a'.repeat(254)}/b`]: 'x' } },
        { annotations: { a: 'x'.repeat(4097) } },
      ],
    ],
  },
  {
    resource: certificate,
    path: ['spec', 'keystore'],
    good: [{}, { passwordSecretRef: { name: 'a', key: 'tls.key' } }],
    bad: [
      ...[
        { name: 'a..b', key: 'k' },
        { name: 'a', key: '..' },
        { name: 'a', key: 'a/b' },
      ],
      ...[
        { name: 'a', key: '' },
        { name: '', key: 'k' },
        { name: 'a', key: '..data' },
      ],
    ].map((passwordSecretRef) => ({ passwordSecretRef })),
  },
  {
    resource: permission,
    path: ['spec', 'databases'],
    good: [[{ name: 'हिन्दी', access: 'Read' }]],
    bad: [
      ...['CON', 'System', '.', '..', 'a b', '', 'a\n', 'a/b', 'nul.x'].map((name) => [
        { name, access: 'Read' },
      ]),
      ...[[], [{ name: 'a', access: 'Write' }]],
    ],
  },
  {
    resource: permission,
    path: ['spec', 'databases'],
    good: [],
    bad: [
      [
        { name: 'orders', access: 'Read' },
        { name: 'Orders', access: 'Admin' },
      ],
    ],
    isOperatorAlone: true,
  },
  {
    resource: permission,
    path: ['spec', 'notAfter'],
    good: ['2027-01-01T00:00:00Z', '9999-12-31T23:59:59Z', '2027-01-01T00:00:00.5+02:00'],
    bad: [
      '',
      'soon',
      '2027-02-30T00:00:00Z',
      '2027-13-01T00:00:00Z',
      '0001-01-01T00:00:00Z',
      '9999-12-31T23:59:59-14:00',
    ],
  },
  {
    resource: permission,
    path: ['spec', 'subject'],
    good: [
      { thumbprint: 'A'.repeat(40) },
      { publicKeyPin: `${'A'.repeat(43)}=` },
      { secretRef: { name: 'a' } },
    ],
    bad: [
      ...[
        {},
        { thumbprint: 'a'.repeat(40) },
        { thumbprint: '' },
        { publicKeyPin: '' },
        { secretRef: { name: 'a..b' } },
      ],
      ...[
        { thumbprint: 'A'.repeat(40), secretRef: { name: 'a' } },
        { certificateRef: { name: '' } },
      ],
    ],
  },
  {
    resource: issuer,
    path: ['spec', 'acme', 'server'],
    good: [
      'https://ca.example/directory',
      'https://10.0.0.1:14000/dir',
      'https://pebble:14000/dir',
    ],
    bad: [
      ...[
        'http://ca.example/',
        '',
        'https://',
        'https://a b/',
        'https://a@b/',
        'https://a:99999/',
        'https://[',
      ],
      ...['https://1.2.3.4.5/', 'https://a/\n', 'ca.example', 'https://a/#b', 'https://a..b/'],
    ],
  },
  {
    resource: issuer,
    path: ['spec', 'acme', 'server'],
    good: [],
    bad: ['https://[:::1]/', 'https://[1:2:3]/'],
    isOperatorAlone: true,
  },
  {
    resource: issuer,
    path: ['spec', 'acme', 'caBundle'],
    good: [],
    bad: ['', 'x', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----'],
  },
  {
    resource: issuer,
    path: ['spec', 'acme', 'caBundle'],
    good: [],
    bad: ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
    isOperatorAlone: true,
  },
  {
    resource: issuer,
    path: ['spec', 'acme', 'email'],
    good: ['ops@example.com', 'a+b@a.example'],
    bad: ['', 'a', 'a@b,c@d', 'a b@c.d', 'a@b\n', 'a@b?cc=c', 'ä@b.example', '@'],
  },
  {
    resource: issuer,
    path: ['spec', 'acme', 'externalAccountBinding'],
    good: [{ keyId: 'kid-1', keySecretRef: keyRef }],
    bad: ['', 'a\nb', 'ä', ' a', 'a\0'].map((keyId) => ({ keyId, keySecretRef: keyRef })),
  },
  {
    resource: issuer,
    path: ['spec', 'acme', 'profile'],
    good: ['shortlived'],
    bad: ['', 'a\n', 'ä', ' '],
  },
  {
    resource: withSolver({ rfc2136 }),
    path: [...solver, 'dns01', 'rfc2136', 'server'],
    good: ['ns1', 'ns1.example:5353', '10.0.0.1', '[2001:db8::1]:53', '2001:db8::1'],
    bad: ['', 'a b', 'a:0', 'a:65536', 'a..b', ':53', 'a/b', '999.1.1.1', 'a\n'],
  },
  {
    resource: withSolver({ rfc2136 }),
    path: [...solver, 'dns01', 'rfc2136', 'keyName'],
    good: ['update', 'update.example'],
    bad: ['', '*.example', 'a..b', `${long}.example`, 'a\n'],
  },
  {
    resource: withSolver({ webhook }),
    path: [...solver, 'dns01', 'webhook', 'url'],
    good: ['https://dns.example/hook'],
    bad: ['http://dns.example/', 'https://a b', 'https://[', ''],
  },
  {
    resource: ingress,
    path: [...solver, 'http01', 'ingress', 'annotations'],
    good: [{}, { 'nginx.ingress.kubernetes.io/ssl-redirect': 'false' }],
    bad: [{ 'a b': 'x' }, { '': 'x' }, { '/a': 'x' }, { a: 'x'.repeat(4097) }],
  },
]

/** The resource with one field set, whatever lies above it. */
export function withField<T extends object>(
  resource: T,
  path: readonly (string | number)[],
  value: unknown,
): T {
  const copy = structuredClone(resource)
  let place = copy as Record<string | number, unknown>
  for (const step of path.slice(0, -1)) place = place[step] as Record<string | number, unknown>
  place[path.at(-1) ?? ''] = value
  return copy
}

/** Tests that the schemas say of each value of the table what they should, as the operator reads them. */
export function fieldValueTests(
  kindName: string,
  isAbout: (path: string) => boolean = () => true,
): void {
  const kind = customKinds.find((one) => one.kind === kindName) ?? assert.fail(kindName)
  for (const { resource, path, good, bad } of fieldValues) {
    const trouble = (value: unknown): string | undefined =>
      schemaTrouble(kind, withField(resource(), path, value))
    const place = path.join('.')
    if (resource().kind !== kindName || !isAbout(place)) continue
    test(`${kindName} takes in ${place} what can be made (${good.length} values)`, () => {
      for (const value of good) assert.equal(trouble(value), undefined, JSON.stringify(value))
    })
    test(`${kindName} refuses in ${place} what something later would (${bad.length} values)`, () => {
      for (const value of bad) assert.ok(trouble(value) !== undefined, JSON.stringify(value))
    })
  }
}

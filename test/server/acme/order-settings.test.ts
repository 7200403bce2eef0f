import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { orderSettings } from '#server/acme/order-settings.ts'
import { readConfig } from '#server/config.ts'
import { certificatePem } from '#shared/pki/pem.ts'
import { authority } from '#test/support/certificates.ts'
import { temporaryFolder } from '#test/support/storage.ts'

const email = { Email: 'ops@example.com' }

function settingsOf(given: Record<string, string>, publicUrl?: string) {
  const args = Object.entries(given).map(
    ([key, value]) => `--Security.Certificate.LetsEncrypt.${key}=${value}`,
  )
  if (publicUrl !== undefined) args.push(`--PublicServerUrl=${publicUrl}`)
  return orderSettings(readConfig({ args, env: {}, readText: () => undefined }).config)
}

test('orderSettings() are nothing without an e-mail address', async () => {
  assert.equal(
    await settingsOf({ Names: 'vault.example.com' }, 'https://vault.example.com'),
    undefined,
  )
})

test('orderSettings() need no more than an e-mail address and a public URL', async () => {
  assert.deepEqual(await settingsOf(email, 'https://Vault.example.com:8443'), {
    directoryUrl: 'https://acme-v02.api.letsencrypt.org/directory',
    email: 'ops@example.com',
    names: ['vault.example.com'],
    challenge: 'TlsAlpn01',
    check: 'Warn',
    checkPort: undefined,
    http: { scheme: 'http', host: '0.0.0.0', port: 80 },
    trust: undefined,
    profile: undefined,
    keyKind: 'p-256',
  })
})

test('orderSettings() write each name in one way, and refuse what DNS cannot hold', async () => {
  const names = 'B\u00fccher.Example.; [2001:DB8:0::1]'
  assert.deepEqual((await settingsOf({ ...email, Names: names }))?.names, [
    'xn--bcher-kva.example',
    '2001:db8::1',
  ])
  for (const wrong of [`${'a'.repeat(64)}.example`, 'a..example', '192.0.2.300'])
    await assert.rejects(settingsOf({ ...email, Names: wrong }), { code: 'OrderSettingInvalid' })
  const covered = await settingsOf(
    { ...email, Names: 'db.example.com.' },
    'https://DB.example.com.',
  )
  assert.deepEqual(covered?.names, ['db.example.com'])
})

test('orderSettings() take every word that there is', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'ca.pem')
  const pem = certificatePem((await authority()).certificate)
  await writeFile(path, pem)
  const given = {
    ...email,
    Directory: 'Staging',
    Names: 'vault.example.com; *.Example.com;192.0.2.1, 2001:db8::1;vault.example.com',
    Challenge: 'dns01',
    Check: 'require',
    'Check.Port': '8081',
    'Http.Url': 'http://127.0.0.1:8080',
    'TrustedCertificates.Path': path,
    Profile: 'shortlived',
    KeyType: 'rsa3072',
  }
  assert.deepEqual(await settingsOf(given, 'https://db.example.com'), {
    directoryUrl: 'https://acme-staging-v02.api.letsencrypt.org/directory',
    email: 'ops@example.com',
    names: ['vault.example.com', '*.example.com', '192.0.2.1', '2001:db8::1'],
    challenge: 'Dns01',
    check: 'Require',
    checkPort: 8081,
    http: { scheme: 'http', host: '127.0.0.1', port: 8080 },
    trust: pem,
    profile: 'shortlived',
    keyKind: 'rsa-3072',
  })
  const own = { ...email, Names: 'a.b', Directory: 'https://127.0.0.1:14000/dir' }
  assert.equal((await settingsOf(own))?.directoryUrl, 'https://127.0.0.1:14000/dir')
})

const name = { Names: 'vault.example.com' }
for (const [what, given, setting] of [
  ['an e-mail address that is none', { ...name, Email: 'ops' }, /\.Email is no/],
  [
    'a directory without TLS',
    { ...email, ...name, Directory: 'http://ca/' },
    /\.Directory is neither/,
  ],
  ['a directory that is none', { ...email, ...name, Directory: 'prod' }, /\.Directory is neither/],
  ['no name', email, /\.Names is missing/],
  ['a name that is none', { ...email, Names: 'a_b' }, /holds "a_b"/],
  ['a name with a port', { ...email, Names: 'example.com:8443' }, /holds "example\.com:8443"/],
  ['a wildcard in its middle', { ...email, Names: 'a.*.com', Challenge: 'Dns01' }, /holds "a\.\*/],
  ['a wildcard without DNS', { ...email, Names: '*.example.com' }, /by Dns01 only/],
  [
    'HTTPS for HTTP-01',
    { ...email, ...name, Challenge: 'Http01', 'Http.Url': 'https://a:1' },
    /Http\.Url does/,
  ],
  [
    'a bundle that is not there',
    { ...email, ...name, 'TrustedCertificates.Path': '/no' },
    /cannot be read/,
  ],
  [
    'a bundle of something else',
    { ...email, ...name, 'TrustedCertificates.Path': 'package.json' },
    /holds no cert/,
  ],
] as const) {
  test(`orderSettings() refuse ${what}`, async () => {
    const refused = { code: 'OrderSettingInvalid', message: setting }
    await assert.rejects(settingsOf({ ...given }), refused)
  })
}

test('orderSettings() refuse names that do not cover the public one', async () => {
  const refused = { code: 'OrderSettingInvalid', message: /does not cover "db\.example\.org"/ }
  await assert.rejects(settingsOf({ ...email, ...name }, 'https://db.example.org'), refused)
})

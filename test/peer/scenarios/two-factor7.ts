/** Two-factor authentication of a certificate: a TOTP code opens a session. */
import { createHmac } from 'node:crypto'
import { systemClock } from '#shared/clock.ts'
import type { Fixtures, Scenario, Seen } from '#test/peer/scenario.types.ts'
import { certificatesRoute as A } from './certificate-steps.ts'
import { type More, stepList } from './step-list.ts'

const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const stepMs = 30_000

/** RFC 6238 with SHA-1, 6 digits, 30 s. */
function code(shift = 0): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(systemClock.now() / stepMs) + shift))
  const digest = createHmac('sha1', secretBytes()).update(counter).digest()
  const offset = digest.readUInt8(19) & 15
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1e6).padStart(6, '0')
}

function secretBytes(): Buffer {
  const bits = [...secret].map((letter) => base32.indexOf(letter).toString(2).padStart(5, '0'))
  const bytes = bits.join('').match(/.{8}/g) ?? []
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)))
}

function sessionCookie({ header }: Seen): string {
  return /^2fa-cookie=[^;]*/.exec(String(header['set-cookie'] ?? ''))?.[0] ?? ''
}

export function twoFactor7(fx: Fixtures): Scenario {
  const { add, steps } = stepList()
  const doc = '/databases/alpha/docs?id=probe%2F1'
  const record = (more: object) => () => ({
    Name: 'lab-2fa',
    Certificate: fx.der('lab-up1'),
    SecurityClearance: 'ValidUser',
    Permissions: { alpha: 'ReadWrite' },
    ...more,
  })
  const login = (name: string, token: string | (() => string), query = '', more: More = {}) =>
    add(name, 'POST', `/authentication/2fa${query}`, {
      body: () => ({ Token: typeof token === 'function' ? token() : token }),
      ...more,
    })
  const cookie = { session: sessionCookie }
  const out = () => add('log out', 'DELETE', '/authentication/2fa', { quiet: true })
  add('configuration', 'GET', '/authentication/2fa/configuration', { as: 'none' })
  add('login without certificate', 'POST', '/authentication/2fa', {
    as: 'none',
    body: { Token: '000000' },
  })
  add('login of an unknown certificate', 'POST', '/authentication/2fa', {
    as: 'unknown',
    body: { Token: '000000' },
  })
  add('login of a certificate without it', 'POST', '/authentication/2fa', {
    as: 'userReadWrite',
    body: { Token: '000000' },
  })
  add('logout without certificate', 'DELETE', '/authentication/2fa', { as: 'none' })
  add('logout of a certificate without it', 'DELETE', '/authentication/2fa', {
    as: 'userReadWrite',
  })
  add('register, key is no base32', 'PUT', A, {
    as: 'server',
    body: record({ TwoFactorAuthenticationKey: '!!' }),
  })
  add('register', 'PUT', A, { as: 'server', body: record({ TwoFactorAuthenticationKey: secret }) })
  for (const who of ['clusterAdmin', 'operator']) {
    add(`record as ${who}`, 'GET', `${A}?thumbprint=${fx.thumb('lab-up1')}`, { as: who })
    add(`record in the list as ${who}`, 'GET', `${A}?name=lab-2fa`, { as: who })
  }
  add('whoami before', 'GET', '/certificates/whoami', { fresh: true })
  for (const p of [
    doc,
    '/databases',
    '/build/version',
    '/setup/alive',
    '/authentication/2fa/configuration',
  ])
    add(`before: ${p}`, 'GET', p)
  add('before: browser', 'GET', '/studio/index.html', { headers: { accept: 'text/html' } })
  add('before: websocket', 'GET', '/databases/alpha/changes', {
    limit: 3000,
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    },
  })
  login('wrong code', '000000')
  login('no number', 'abc')
  login('empty', '')
  add('no token', 'POST', '/authentication/2fa', { body: {} })
  add('no body', 'POST', '/authentication/2fa')
  for (const n of [-4, -3, 3, 4]) login(`code of ${n} steps away`, () => code(n))
  for (const n of [-1, 0, 1])
    login(`code of ${n} steps away, all clients`, () => code(n), '?hasLimits=false')
  out()
  login('session for all clients', () => code(), '?hasLimits=false')
  add('session for all clients: reads', 'GET', doc)
  add('session for all clients: reads, new connection', 'GET', doc, { fresh: true })
  add('session for all clients: whoami', 'GET', '/certificates/whoami')
  login('same code again', () => code(), '?hasLimits=false')
  add('logout', 'DELETE', '/authentication/2fa')
  add('after logout', 'GET', doc)
  login('session for one browser', () => code(), '', { capture: cookie })
  add('session for one browser: with cookie', 'GET', doc, { headers: { cookie: '{session}' } })
  add('session for one browser: with cookie, new connection', 'GET', doc, {
    fresh: true,
    headers: { cookie: '{session}' },
  })
  add('session for one browser: without cookie', 'GET', doc)
  add('session for one browser: another cookie', 'GET', doc, {
    headers: { cookie: '2fa-cookie=00000000-0000-0000-0000-000000000000' },
  })
  add('cookie shown by another certificate', 'GET', doc, {
    as: 'userOther',
    headers: { cookie: '{session}' },
  })
  add('logout without cookie', 'DELETE', '/authentication/2fa')
  add('with cookie after logout', 'GET', doc, { headers: { cookie: '{session}' } })
  for (const m of ['1', '0', '-5', '1440', '1441', 'x']) {
    out()
    login(`session of ${m} minutes`, () => code(), `?hasLimits=false&sessionDurationInMin=${m}`)
    add(`session of ${m} minutes: reads`, 'GET', doc)
    add(`session of ${m} minutes: reads, new connection`, 'GET', doc, { fresh: true })
  }
  out()
  add('code as number', 'POST', '/authentication/2fa?hasLimits=false', {
    body: () => `{"Token":${Number(code())}}`,
  })
  for (let i = 1; i <= 30; i++) login(`wrong code ${i}`, '000000', '', { quiet: i < 30 })
  login('right code after 30 wrong ones', () => code(), '?hasLimits=false')
  const edit = (name: string, more: object, query = '') =>
    add(name, 'POST', `${A}/edit${query}`, {
      as: 'server',
      body: {
        Name: 'lab-2fa',
        Thumbprint: fx.thumb('lab-up1'),
        SecurityClearance: 'ValidUser',
        Permissions: { alpha: 'ReadWrite' },
        ...more,
      },
    })
  edit('edit that does not name it', {})
  add('session after the edit', 'GET', doc)
  out()
  add('still needed after the edit', 'GET', doc)
  edit('edit that takes it away', {}, '?deleteTwoFactorConfiguration=true')
  add('after it was taken away', 'GET', doc, { fresh: true })
  edit('edit that adds it', { TwoFactorAuthenticationKey: secret })
  add('open connection after it was added', 'GET', doc)
  add('new connection after it was added', 'GET', doc, { fresh: true })
  add('operator registers it again without', 'PUT', A, { as: 'operator', body: record({}) })
  add('after registering again without', 'GET', doc, { fresh: true })
  add('wipe', 'DELETE', `${A}?thumbprint=${fx.thumb('lab-up1')}`, { as: 'server', quiet: true })

  const basis = '/authentication/2fa/configuration'
  return { about: 'two-factor authentication', basis, as: 'lab-up1', steps }
}

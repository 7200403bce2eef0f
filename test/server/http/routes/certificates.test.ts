/** The administration of certificates behind the real hook; who calls is chosen for each request. */
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { unzipSync } from 'fflate'
import { operator } from '#server/access/actions.ts'
import { type Certificate, readCertificates } from '#shared/pki/certificate.ts'
import { type Issued, makeKeyPair } from '#shared/pki/issue.ts'
import { readPfx } from '#shared/pki/pfx-read.ts'
import {
  type Answer,
  type Callers,
  certificateApp,
  certificateCallers,
} from '#test/support/certificate-app.ts'
import { authority, client, days } from '#test/support/certificates.ts'

const path = '/admin/certificates'
const json = 'application/json; charset=utf-8'
let callers: Callers
let ca: Issued
let own: Certificate
let boss: Certificate
let helper: Certificate
let user: Certificate

before(async () => {
  callers = await certificateCallers()
  ;({ ca, own, boss, helper, user } = callers)
})

const app = (options: { readonly serverIsAdmin?: boolean; readonly isSecured?: boolean } = {}) =>
  certificateApp(callers, options)

function names({ body }: Answer): unknown {
  return (body.Results as { Name: string }[]).map(({ Name }) => Name)
}

test('certificateRoutes() asks for an Operator everywhere but at whoami', async () => {
  await using on = await app()
  const { routes } = on
  for (const { path, action } of routes) {
    assert.deepEqual(action, path.endsWith('whoami') ? { level: 'Anyone' } : operator)
  }
  for (const [method, url] of [
    ['GET', path],
    ['POST', path],
    ['PUT', path],
    ['DELETE', path],
    ['POST', `${path}/edit`],
    ['GET', `${path}/export`],
  ] as const) {
    const { status, body } = await on.call(user, method, url)
    assert.deepEqual([status, body.Type, Object.keys(body).length], [403, 'InvalidAuth', 2])
  }
})

test('whoami tells the registered who they are, and everybody else nothing', async () => {
  await using on = await app()
  const { status, headers, body } = await on.call(user, 'GET', '/certificates/whoami')
  assert.deepEqual([status, headers['content-type']], [200, json])
  assert.deepEqual(
    [body.Name, body.SecurityClearance, body.Permissions, body.HasTwoFactor],
    ['user', 'ValidUser', { aLPHa: 'Read' }, false],
  )
  const stranger = (await client(await authority())).certificate
  const edit = {
    Thumbprint: user.thumbprint,
    Name: 'user',
    SecurityClearance: 'ValidUser',
    Disabled: true,
  }
  await on.call(boss, 'POST', `${path}/edit`, edit)
  for (const nobody of [undefined, stranger, user]) {
    const answer = await on.call(nobody, 'GET', '/certificates/whoami')
    assert.deepEqual([answer.status, answer.bytes.length], [204, 0])
  }
  on.clock.time = helper.notAfter + 1
  assert.equal((await on.call(helper, 'GET', '/certificates/whoami')).status, 204)
})

test('PUT registers, GET shows it, edit changes it, DELETE removes it; bodies are empty as the clients need', async () => {
  await using on = await app()
  const shop = (await client(ca, { commonName: 'shop' })).certificate
  const definition = {
    Name: 'shop',
    SecurityClearance: 'ValidUser',
    Permissions: { orders: 'ReadWrite' },
  }
  const put = await on.call(helper, 'PUT', path, {
    ...definition,
    Certificate: shop.der.toString('base64'),
  })
  assert.deepEqual(
    [put.status, put.headers['content-length'], put.headers['content-type']],
    [201, '0', undefined],
  )
  assert.equal((await on.call(shop, 'GET', '/certificates/whoami')).body.Name, 'shop')
  const one = await on.call(helper, 'GET', `${path}?thumbprint=${shop.thumbprint.toLowerCase()}`)
  const [item] = one.body.Results as Record<string, unknown>[]
  assert.deepEqual(
    [item?.Name, item?.Certificate, item?.Permissions],
    ['shop', shop.der.toString('base64'), { orders: 'ReadWrite' }],
  )
  const edit = await on.call(helper, 'POST', `${path}/edit`, {
    ...definition,
    Name: 'new',
    Thumbprint: shop.thumbprint,
  })
  assert.deepEqual([edit.status, edit.headers['content-length']], [201, '0'])
  assert.equal((await on.call(shop, 'GET', '/certificates/whoami')).body.Name, 'new')
  const gone = await on.call(helper, 'DELETE', `${path}?thumbprint=${shop.thumbprint}`)
  assert.deepEqual([gone.status, gone.bytes.length], [204, 0])
  assert.equal((await on.call(shop, 'GET', '/certificates/whoami')).status, 204)
  const missing = await on.call(helper, 'GET', `${path}?thumbprint=${shop.thumbprint}`)
  assert.deepEqual([missing.status, missing.headers['content-length']], [404, '0'])
})

test('GET lists by page, by name, and without certificates', async () => {
  await using on = await app()
  const all = await on.call(boss, 'GET', path)
  assert.deepEqual((names(all) as string[]).toSorted(), ['boss', 'helper', 'user'])
  assert.deepEqual(
    [all.body.LoadedServerCert, all.body.WellKnownAdminCerts, all.body.WellKnownIssuers],
    [own.thumbprint, null, []],
  )
  const first = names(await on.call(boss, 'GET', `${path}?start=0&pageSize=2`)) as string[]
  const rest = names(await on.call(boss, 'GET', `${path}?start=2&pageSize=2`)) as string[]
  assert.deepEqual([...first, ...rest], names(all))
  for (const [query, wanted] of [
    ['name=user', ['user']],
    ['name=USER', []],
    ['start=50', []],
    ['pageSize=0', []],
  ] as const) {
    assert.deepEqual(names(await on.call(boss, 'GET', `${path}?${query}`)), wanted)
  }
  const metadata = await on.call(boss, 'GET', `${path}?metadataOnly=true&name=user`)
  assert.ok(!('Certificate' in ((metadata.body.Results as object[])[0] ?? {})))
  assert.equal((await on.call(boss, 'GET', `${path}?start=x`)).status, 500)
})

test('GET lists the server’s own certificate first where it is ClusterAdmin', async () => {
  await using on = await app({ serverIsAdmin: true })
  const answer = await on.call(boss, 'GET', `${path}?pageSize=1`)
  const [first, ...others] = answer.body.Results as Record<string, unknown>[]
  assert.deepEqual(
    [first?.Name, first?.SecurityClearance, first?.Usage, others.length],
    ['Server Certificate', 'ClusterNode', 'RavenServer', 1],
  )
})

test('POST generates a certificate that is registered and works', async () => {
  await using on = await app()
  const definition = {
    Name: 'new',
    SecurityClearance: 'ValidUser',
    Permissions: { orders: 'Admin' },
    Password: 'pw',
  }
  const answer = await on.call(helper, 'POST', `${path}?raft-request-id=1`, definition)
  assert.deepEqual(
    [answer.status, answer.headers['content-type'], answer.headers['content-disposition']],
    [200, 'application/octet-stream', 'attachment; filename=new.zip'],
  )
  const files = unzipSync(answer.bytes)
  const [certificate] = readCertificates(files['new.crt'] ?? Buffer.alloc(0))
  assert.ok((await readPfx(files['new.pfx'] ?? Buffer.alloc(0), 'pw')).privateKey)
  const { body } = await on.call(certificate, 'GET', '/certificates/whoami')
  assert.deepEqual([body.Name, body.Permissions], ['new', { orders: 'Admin' }])
})

test('an Operator can neither make, change nor remove an administrator', async () => {
  await using on = await app()
  const rights = { Permissions: {}, Name: 'x' }
  const Certificate = boss.der.toString('base64')
  const Thumbprint = boss.thumbprint
  const refused: [string, string, object?][] = [
    ['PUT', path, { ...rights, Certificate, SecurityClearance: 'ValidUser' }],
    ['POST', `${path}/edit`, { ...rights, Thumbprint, SecurityClearance: 'ValidUser' }],
    [
      'POST',
      `${path}/edit`,
      { ...rights, Thumbprint, SecurityClearance: 'ClusterAdmin', Disabled: true },
    ],
    ['DELETE', `${path}?thumbprint=${Thumbprint}`],
  ]
  for (const SecurityClearance of ['ClusterAdmin', 'ClusterNode']) {
    refused.push(['POST', path, { ...rights, SecurityClearance }])
    refused.push([
      'PUT',
      path,
      { ...rights, SecurityClearance, Certificate: helper.der.toString('base64') },
    ])
    refused.push([
      'POST',
      `${path}/edit`,
      { ...rights, SecurityClearance, Thumbprint: helper.thumbprint },
    ])
  }
  for (const [method, url, body] of refused) {
    const answer = await on.call(helper, method, url, body)
    assert.deepEqual(
      [answer.status, answer.body.Type],
      [403, 'System.InvalidOperationException'],
      `${method} ${JSON.stringify(body)}`,
    )
  }
  assert.equal(
    (await on.call(boss, 'GET', '/certificates/whoami')).body.SecurityClearance,
    'ClusterAdmin',
  )
})

test('nobody deletes the certificate he calls with, the server’s own included', async () => {
  await using on = await app({ serverIsAdmin: true })
  for (const caller of [boss, helper, own]) {
    const answer = await on.call(caller, 'DELETE', `${path}?thumbprint=${caller.thumbprint}`)
    assert.deepEqual([answer.status, answer.body.Type], [500, 'System.InvalidOperationException'])
  }
})

test('a deleted administrator is refused at his next request', async () => {
  await using on = await app()
  const second = (await client(ca, { commonName: 'second' })).certificate
  const definition = { Name: 'second', SecurityClearance: 'ClusterAdmin' }
  await on.call(boss, 'PUT', path, { ...definition, Certificate: second.der.toString('base64') })
  assert.equal((await on.call(second, 'GET', path)).status, 200)
  await on.call(boss, 'DELETE', `${path}?thumbprint=${second.thumbprint}`)
  assert.equal((await on.call(second, 'GET', path)).status, 403)
  assert.equal((await on.call(second, 'PUT', path, {})).status, 403)
})

test('a certificate that its issuer renewed is let in, listed, and falls with the first', async () => {
  await using on = await app()
  const keys = await makeKeyPair('p-256')
  const old = (await client(ca, { keys, commonName: 'shop' })).certificate
  const renewed = (await client(ca, { keys, commonName: 'shop', validity: days(900) })).certificate
  const definition = {
    Name: 'shop',
    SecurityClearance: 'ValidUser',
    Permissions: { orders: 'Read' },
  }
  await on.call(boss, 'PUT', path, { ...definition, Certificate: old.der.toString('base64') })
  const { body } = await on.call(renewed, 'GET', '/certificates/whoami')
  assert.deepEqual(
    [body.Name, body.Thumbprint, body.Permissions],
    ['shop', renewed.thumbprint, { orders: 'Read' }],
  )
  assert.deepEqual(names(await on.call(boss, 'GET', `${path}?name=shop`)), ['shop'])
  assert.equal((await on.call(renewed, 'GET', '/no/such/route')).status, 400)
  assert.deepEqual(names(await on.call(boss, 'GET', `${path}?name=shop`)), ['shop', 'shop'])
  await on.call(boss, 'DELETE', `${path}?thumbprint=${old.thumbprint}`)
  for (const one of [old, renewed])
    assert.equal((await on.call(one, 'GET', '/certificates/whoami')).status, 204)
})

test('bad input has a coded answer of RavenDB’s type, and nothing is registered', async () => {
  await using on = await app()
  const before = on.store.index
  const cases: [string, string, unknown][] = [
    ['POST', path, '{"Name":'],
    ['POST', path, { Name: '' }],
    ['POST', path, { Name: 'x'.repeat(65) }],
    ['POST', path, { Name: 'a', SecurityClearance: 'validuser' }],
    ['POST', path, { Name: 'a', Permissions: { alpha: 'Owner' } }],
    ['POST', path, { Name: 'a', NotAfter: '2090-01-01T00:00:00Z' }],
    ['POST', path, { Name: 'a', NotAfter: '2020-01-01T00:00:00Z' }],
    ['PUT', path, { Name: 'a', Certificate: 'AAAA' }],
    ['POST', `${path}/edit`, { Name: 'a', Thumbprint: 'AABBCC' }],
    ['DELETE', path, undefined],
  ]
  for (const [method, url, body] of cases) {
    const answer = await on.call(boss, method, url, body)
    const known =
      /^(?:System\.(?:Argument|Format|InvalidOperation)|Raven\.Client\.Exceptions\.BadRequest)Exception$/
    assert.match(String(answer.body.Type), known, `${method} ${url} ${JSON.stringify(body)}`)
    assert.notEqual(answer.headers['strongroom-error'], 'Internal')
  }
  assert.equal(on.store.index, before)
})

test('export gives the server’s certificate without its key', async () => {
  await using on = await app()
  const { headers, bytes } = await on.call(helper, 'GET', `${path}/export`)
  assert.equal(
    headers['content-disposition'],
    'attachment; filename=ServerCertificatesCollection.pfx',
  )
  const { certificates, privateKey } = await readPfx(bytes)
  assert.deepEqual([certificates[0]?.thumbprint, privateKey], [own.thumbprint, undefined])
})

test('a server without TLS knows nobody, and changes no certificates', async () => {
  await using on = await app({ isSecured: false })
  assert.equal((await on.call(undefined, 'GET', '/certificates/whoami')).status, 204)
  assert.equal((await on.call(undefined, 'GET', path)).status, 200)
  const before = on.store.index
  const Certificate = user.der.toString('base64')
  const changes = [
    ['POST', path, { Name: 'a' }],
    ['PUT', path, { Name: 'a', Certificate, SecurityClearance: 'ClusterAdmin' }],
    ['POST', `${path}/edit`, { Name: 'a', Thumbprint: user.thumbprint }],
    ['DELETE', `${path}?thumbprint=${user.thumbprint}`, undefined],
  ] as const
  for (const [method, url, body] of changes) {
    const answer = await on.call(undefined, method, url, body)
    assert.equal(answer.headers['strongroom-error'], 'CertificatesNeedTls')
  }
  assert.equal(on.store.index, before)
})

test('no key and no password reaches the audit log', async () => {
  await using on = await app()
  await on.call(boss, 'POST', path, { Name: 'a', Password: 'pass-phrase-1' })
  const log = JSON.stringify(on.events)
  assert.ok(log.includes('certificate registered'))
  assert.ok(!log.includes('pass-phrase-1') && !log.includes('PRIVATE KEY'))
})

/** Every parameter of the administration of certificates is honoured or refused. */
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Certificate } from '#shared/pki/certificate.ts'
import { type Issued, makeKeyPair } from '#shared/pki/issue.ts'
import {
  type Answer,
  type Callers,
  certificateApp,
  certificateCallers,
} from '#test/support/certificate-app.ts'
import { client, days } from '#test/support/certificates.ts'

const path = '/admin/certificates'
let callers: Callers
let ca: Issued
let boss: Certificate
let user: Certificate

before(async () => {
  callers = await certificateCallers()
  ;({ ca, boss, user } = callers)
})

const app = () => certificateApp(callers)

function names({ body }: Answer): unknown {
  return (body.Results as { Name: string }[]).map(({ Name }) => Name)
}

test('DELETE takes a thumbprint as people copy it, and refuses one that is unknown or none', async () => {
  for (const written of [
    (thumbprint: string) => thumbprint.toLowerCase(),
    (thumbprint: string) => (thumbprint.match(/../g) ?? []).join(':'),
    (thumbprint: string) => ` ${(thumbprint.toLowerCase().match(/../g) ?? []).join(' ')}`,
  ]) {
    await using on = await app()
    const url = `${path}?thumbprint=${encodeURIComponent(written(user.thumbprint))}`
    assert.equal((await on.call(boss, 'DELETE', url)).status, 204)
    assert.deepEqual(names(await on.call(boss, 'GET', `${path}?name=user`)), [])
    const again = await on.call(boss, 'DELETE', url)
    assert.deepEqual(
      [again.status, again.headers['strongroom-error']],
      [400, 'CertificateToDeleteNotFound'],
    )
    const none = await on.call(boss, 'DELETE', `${path}?thumbprint=AABBCC`)
    assert.deepEqual([none.status, none.headers['strongroom-error']], [400, 'ThumbprintInvalid'])
  }
})

test('rights that end are shown, stored, and gone at the instant', async () => {
  await using on = await app()
  const hour = 60 * 60 * 1000
  const end = new Date(on.clock.time + hour).toISOString()
  const edit = {
    Name: 'user',
    Thumbprint: user.thumbprint,
    SecurityClearance: 'Operator',
    SecurityClearanceExpiration: end,
    Permissions: { alpha: 'Read', beta: 'ReadWrite' },
    PermissionExpirations: { ALPHA: end },
  }
  assert.equal((await on.call(boss, 'POST', `${path}/edit`, edit)).status, 201)
  const { body } = await on.call(user, 'GET', `${path}?thumbprint=${user.thumbprint}`)
  const [item] = body.Results as Record<string, unknown>[]
  const shown = end.replace('Z', '0000Z')
  assert.equal(item?.SecurityClearanceExpiration, shown)
  assert.deepEqual(item?.PermissionExpirations, { alpha: shown })
  on.clock.time += hour - 1
  assert.equal((await on.call(user, 'GET', path)).status, 200)
  on.clock.time += 1
  const refused = await on.call(user, 'GET', path)
  assert.deepEqual([refused.status, refused.headers['strongroom-error']], [403, 'ClearanceTooLow'])
  const forGood = { ...edit, SecurityClearanceExpiration: null, PermissionExpirations: {} }
  assert.equal((await on.call(boss, 'POST', `${path}/edit`, forGood)).status, 201)
  assert.equal((await on.call(user, 'GET', path)).status, 200)
})

test('NotBefore and NotAfter narrow a registered certificate, and are refused beyond its own dates', async () => {
  await using on = await app()
  const day = 24 * 60 * 60 * 1000
  const shop = (await client(ca, { validity: days(365) })).certificate
  const at = (days: number) => new Date(on.clock.time + days * day).toISOString()
  const definition = { Name: 'shop', Certificate: shop.der.toString('base64') }
  for (const [dates, code] of [
    [{ NotAfter: at(366) }, 'CertificateDatesInvalid'],
    [{ NotBefore: at(-2) }, 'CertificateDatesInvalid'],
    [{ NotBefore: at(3), NotAfter: at(2) }, 'CertificateDatesInvalid'],
    [{ NotAfter: 'tomorrow' }, 'CertificateFormatInvalid'],
  ] as const) {
    const answer = await on.call(boss, 'PUT', path, { ...definition, ...dates })
    assert.equal(answer.headers['strongroom-error'], code, JSON.stringify(dates))
  }
  assert.deepEqual(names(await on.call(boss, 'GET', `${path}?name=shop`)), [])
  const narrowed = { ...definition, NotBefore: at(1), NotAfter: at(2) }
  assert.equal((await on.call(boss, 'PUT', path, narrowed)).status, 201)
  const who = async () => (await on.call(shop, 'GET', '/certificates/whoami')).status
  assert.equal(await who(), 204)
  on.clock.time += day
  assert.equal(await who(), 200)
  on.clock.time += day + 1
  assert.equal(await who(), 204)
  const refused = await on.call(shop, 'GET', path)
  assert.equal(refused.headers['strongroom-error'], 'RegistrationEnded')
})

test('an edit may say what an answer shows, and nothing else of it', async () => {
  await using on = await app()
  const { body } = await on.call(boss, 'GET', `${path}?thumbprint=${user.thumbprint}`)
  const [shown] = body.Results as Record<string, unknown>[]
  assert.equal((await on.call(boss, 'POST', `${path}/edit`, shown)).status, 201)
  for (const change of [{ PublicKeyPinningHash: 'x' }, { CollectionSecondaryKeys: ['x'] }]) {
    const answer = await on.call(boss, 'POST', `${path}/edit`, { ...shown, ...change })
    assert.equal(answer.headers['strongroom-error'], 'CertificateMemberFixed')
  }
})

test('no renewal is recorded on a route that needs no right', async () => {
  await using on = await app()
  const keys = await makeKeyPair('p-256')
  const old = (await client(ca, { keys })).certificate
  const renewed = (await client(ca, { keys, validity: days(300) })).certificate
  const definition = { Name: 'shop', Certificate: old.der.toString('base64') }
  await on.call(boss, 'PUT', path, definition)
  const before = on.store.index
  for (let times = 0; times < 3; times += 1)
    assert.equal((await on.call(renewed, 'GET', '/certificates/whoami')).body.Name, 'shop')
  assert.equal(on.store.index, before)
})

/** For each declared name of the address: a value that is honoured, and one that is refused. */
const values: Readonly<Record<string, readonly [good: string, bad: string]>> = {
  thumbprint: ['', 'AABBCC'],
  name: ['nobody', ''],
  start: ['0', '-1'],
  pageSize: ['1', 'x'],
  metadataOnly: ['true', 'perhaps'],
  secondary: ['true', ''],
}

test('every route takes the names of the address that it declares once, and no other', async () => {
  await using on = await app()
  for (const { method, path: url, parameters } of on.routes) {
    assert.ok(parameters !== undefined, `${method} ${url} declares what its address may have`)
    const refusedAs = async (query: string) =>
      (await on.call(boss, method, `${url}?${query}`)).headers['strongroom-error']
    assert.equal(await refusedAs('unheard=1'), 'QueryValueUnknown')
    assert.equal(await refusedAs('raft-request-id=1&raft-request-id=2'), 'QueryValueRepeated')
    for (const name of parameters) {
      assert.ok(Object.hasOwn(values, name), `${name} has values here`)
      assert.equal(await refusedAs(`${name}x=1`), 'QueryValueUnknown')
      assert.equal(await refusedAs(`${name}=1&${name.toUpperCase()}=1`), 'QueryValueRepeated')
    }
  }
  for (const name of ['start', 'pageSize', 'metadataOnly']) {
    const [good, bad] = values[name] ?? ['', '']
    assert.equal((await on.call(boss, 'GET', `${path}?${name}=${good}`)).status, 200)
    const refused = await on.call(boss, 'GET', `${path}?${name}=${bad}`)
    assert.equal(refused.headers['strongroom-error'], 'QueryValueInvalid')
  }
  const both = `${path}?thumbprint=${user.thumbprint}&name=`
  assert.deepEqual(names(await on.call(boss, 'GET', `${both}user`)), ['user'])
  assert.deepEqual(names(await on.call(boss, 'GET', `${both}nobody`)), [])
})

/** Requests that a client sends again because it did not hear the answer. */
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Certificate } from '#shared/pki/certificate.ts'
import { type Callers, certificateApp, certificateCallers } from '#test/support/certificate-app.ts'
import { client } from '#test/support/certificates.ts'

const path = '/admin/certificates'
let callers: Callers
before(async () => {
  callers = await certificateCallers()
})

function pemOf(certificate: Certificate): string {
  return certificate.der.toString('base64')
}

test('POST generates once for each id of a request: what was lost on the way is not made a second time', async () => {
  const { helper } = callers
  await using on = await certificateApp(callers)
  const definition = { Name: 'shop', SecurityClearance: 'ValidUser' }
  const repeated = `${path}?raft-request-id=7d`
  assert.equal((await on.call(helper, 'POST', repeated, definition)).status, 200)
  const again = await on.call(helper, 'POST', repeated, definition)
  assert.deepEqual(
    [again.status, again.headers['strongroom-error']],
    [409, 'CertificateAlreadyGenerated'],
  )
  const shops = () => on.certificates.list().filter(({ record }) => record.name === 'shop').length
  assert.equal(shops(), 1)
  assert.equal((await on.call(helper, 'POST', `${path}?raft-request-id=8`, definition)).status, 200)
  assert.equal((await on.call(helper, 'POST', path, definition)).status, 200)
  assert.equal(shops(), 3)
})

test('a registration that comes again does not bring back what was deleted since, nor its edit or deletion what was changed', async () => {
  const { ca, boss } = callers
  await using on = await certificateApp(callers)
  const shop = (await client(ca, { commonName: 'shop' })).certificate
  const register = { Name: 'shop', SecurityClearance: 'ValidUser', Certificate: pemOf(shop) }
  const edit = { Thumbprint: shop.thumbprint, Name: 'new', SecurityClearance: 'ValidUser' }
  const id = 'raft-request-id'
  const registerOnce = () => on.call(boss, 'PUT', `${path}?${id}=7d`, register)
  const editOnce = () => on.call(boss, 'POST', `${path}/edit?${id}=8d`, edit)
  const removeOnce = () => on.call(boss, 'DELETE', `${path}?thumbprint=${shop.thumbprint}&${id}=9d`)
  const name = () => on.certificates.find(shop.thumbprint)?.record.name
  assert.deepEqual([(await registerOnce()).status, (await editOnce()).status], [201, 201])
  assert.equal((await registerOnce()).status, 201)
  assert.equal(name(), 'new')
  assert.equal((await removeOnce()).status, 204)
  assert.deepEqual([(await registerOnce()).status, (await editOnce()).status], [201, 201])
  assert.equal(name(), undefined)
  await on.call(boss, 'PUT', path, register)
  assert.equal((await removeOnce()).status, 204)
  assert.equal(name(), 'shop')
})

test('an id that was given to other content is refused: nothing is done, and it is said', async () => {
  const { ca, boss, user } = callers
  await using on = await certificateApp(callers)
  const shop = (await client(ca, { commonName: 'shop' })).certificate
  const id = 'raft-request-id=7d'
  const register = { Name: 'shop', SecurityClearance: 'ValidUser', Certificate: pemOf(shop) }
  assert.equal((await on.call(boss, 'PUT', `${path}?${id}`, register)).status, 201)
  const others = [
    ['PUT', `${path}?${id}`, { ...register, SecurityClearance: 'Operator' }],
    ['POST', `${path}/edit?${id}`, { Name: 'x', Thumbprint: shop.thumbprint }],
    ['DELETE', `${path}?thumbprint=${user.thumbprint}&${id}`, undefined],
  ] as const
  for (const [method, url, body] of others) {
    const answer = await on.call(boss, method, url, body)
    assert.deepEqual([answer.status, answer.headers['strongroom-error']], [409, 'RequestIdReused'])
  }
  assert.equal(on.certificates.find(shop.thumbprint)?.record.clearance, 'ValidUser')
  assert.notEqual(on.certificates.find(user.thumbprint), undefined)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openClientAuthority, openServerAuthority } from '#server/system/authorities.ts'
import { isSelfSigned, verifyIssuedBy } from '#shared/pki/certificate.ts'
import { memoryStore } from '#test/support/certificate-store.ts'
import { client, year2026 } from '#test/support/certificates.ts'

const clock = { now: () => year2026 }

test('openClientAuthority() makes an authority once, and finds it again with its key', async () => {
  const store = memoryStore()
  const made = await openClientAuthority(store, clock)
  assert.ok(isSelfSigned(made.certificate) && made.certificate.isAuthority)
  const found = await openClientAuthority(store, clock)
  assert.equal(found.certificate.thumbprint, made.certificate.thumbprint)
  const { certificate } = await client(found)
  assert.ok(verifyIssuedBy(certificate, made.certificate))
})

test('openClientAuthority() twice at once agrees on the first', async () => {
  const store = memoryStore()
  const [one, other] = await Promise.all([
    openClientAuthority(store, clock),
    openClientAuthority(store, clock),
  ])
  assert.equal(one.certificate.thumbprint, other.certificate.thumbprint)
  assert.equal(
    (await openClientAuthority(store, clock)).certificate.thumbprint,
    one.certificate.thumbprint,
  )
})

test('openServerAuthority() is another authority than that of the clients', async () => {
  const store = memoryStore()
  const clients = await openClientAuthority(store, clock)
  const servers = await openServerAuthority(store, clock)
  assert.notEqual(servers.certificate.pin, clients.certificate.pin)
  assert.equal((await openServerAuthority(store, clock)).certificate.pin, servers.certificate.pin)
  assert.match(servers.certificate.subject, /server CA/)
})

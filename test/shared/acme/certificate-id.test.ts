import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { certificateId } from '#shared/acme/certificate-id.ts'
import { sequence, tagged } from '#shared/pki/der.ts'
import { type KeyPair, makeKeyPair } from '#shared/pki/issue.ts'
import { authority, server } from '#test/support/certificates.ts'
import { extension, handmade, withExtensions } from '#test/support/handmade-certificates.ts'

let keys: KeyPair
before(async () => {
  keys = await makeKeyPair('p-256')
})

test('certificateId() is the one of RFC 9773 section 4.1 for its key identifier and serial', () => {
  const keyId = Buffer.from('69885B6B87464041E1B37B847BA0AE2CDE01C8D4'.toLowerCase(), 'hex')
  const serial = Buffer.from('0087654321', 'hex')
  assert.equal(
    certificateId({ der: certificateWith(serial, keyId) }),
    'aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE',
  )
})

test('certificateId() reads what we issue ourselves', async () => {
  const leaf = await server(await authority())
  const [issuer = '', serial = ''] = certificateId(leaf.certificate)?.split('.') ?? []
  assert.equal(Buffer.from(issuer, 'base64url').length, 20)
  assert.equal(
    Buffer.from(serial, 'base64url').toString('hex').toUpperCase(),
    leaf.certificate.serial,
  )
})

test('certificateId() is none where nobody says which key signed it', () => {
  assert.equal(certificateId({ der: certificateWith(Buffer.from([1]), undefined) }), undefined)
})

/** A certificate of that serial number. */
function certificateWith(serial: Buffer, keyId: Buffer | undefined): Buffer {
  const identifier = keyId === undefined ? sequence() : sequence(tagged(0x80, keyId))
  const rest = withExtensions(extension('2.5.29.35', identifier))
  return handmade(keys, { serial: tagged(0x02, serial), rest })
}

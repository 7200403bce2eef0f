import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { presentations } from '#server/access/identity.ts'
import type { Issued } from '#shared/pki/issue.ts'
import { authority, client, server } from '#test/support/certificates.ts'
import { withServerSocket } from '#test/support/tls-pair.ts'

let ca: Issued
let own: Issued
let shop: Issued

before(async () => {
  ca = await authority()
  own = await server(ca)
  shop = await client(ca)
})

test('presentations() reads the certificate of a TLS socket, once', async () => {
  const presentedBy = presentations()
  await withServerSocket(own, { client: shop }, (socket) => {
    const presented = presentedBy(socket)
    assert.equal(presented?.certificate.thumbprint, shop.certificate.thumbprint)
    assert.equal(presentedBy(socket), presented)
    assert.deepEqual(presented?.chain(), [])
  })
})

test('presentations() reads the issuers that were sent along, and no others', async () => {
  const other = await authority('Unrelated')
  await withServerSocket(
    own,
    { client: shop, chain: [ca.certificate, other.certificate] },
    (socket) => {
      const chain = presentations()(socket)?.chain() ?? []
      assert.equal(chain[0]?.thumbprint, ca.certificate.thumbprint)
    },
  )
})

test('presentations() finds nothing on a socket without a certificate, and on one without TLS', async () => {
  const presentedBy = presentations()
  await withServerSocket(own, {}, (socket) => {
    assert.equal(presentedBy(socket), undefined)
  })
  assert.equal(presentedBy({}), undefined)
})

test('presentations() takes what it cannot read for nothing', () => {
  const peer = { raw: Buffer.from('no certificate') }
  assert.equal(presentations()({ getPeerX509Certificate: () => peer as never }), undefined)
})

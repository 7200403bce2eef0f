import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { before, test } from 'node:test'
import fc from 'fast-check'
import {
  parseEdit,
  parseGeneration,
  parseRegistration,
} from '#server/http/certificate-definition.ts'
import { CodedError, hasCode } from '#shared/errors.ts'
import { type Issued, makeKeyPair } from '#shared/pki/issue.ts'
import { certificatePem } from '#shared/pki/pem.ts'
import { writePfx } from '#shared/pki/pfx-write.ts'
import { authority, client } from '#test/support/certificates.ts'
import { handmade } from '#test/support/handmade-certificates.ts'

let ca: Issued
let shop: Issued
before(async () => {
  ca = await authority()
  shop = await client(ca)
})

const user = { Name: 'shop', SecurityClearance: 'ValidUser', Permissions: { orders: 'ReadWrite' } }

function body(members: object): Buffer {
  return Buffer.from(JSON.stringify(members))
}

function refuses(code: string): (error: unknown) => boolean {
  return (error) => hasCode(error, code)
}

test('parseGeneration() reads name, rights, password and end', () => {
  const parsed = parseGeneration(
    body({ ...user, Password: 'secret', NotAfter: '2030-01-31T00:00:00.0000000Z' }),
  )
  assert.deepEqual(parsed, {
    name: 'shop',
    rights: { clearance: 'ValidUser', permissions: { orders: 'ReadWrite' } },
    password: 'secret',
    disabled: undefined,
    limits: { validUntil: Date.UTC(2030, 0, 31) },
  })
})

test('parseGeneration() of a name alone is a ValidUser with no databases and no password', () => {
  const nothing = { SecurityClearance: null, Permissions: null, Password: null, NotAfter: null }
  for (const more of [{}, nothing, { Password: '' }]) {
    const { rights, password, limits } = parseGeneration(body({ Name: 'a', ...more }))
    assert.deepEqual(
      [rights, password, limits],
      [{ clearance: 'ValidUser', permissions: {} }, undefined, {}],
    )
  }
})

test('the definitions give a certificate without a clearance no databases, whatever else they say', () => {
  for (const SecurityClearance of [undefined, null]) {
    const { rights } = parseGeneration(body({ ...user, SecurityClearance }))
    assert.deepEqual(rights, { clearance: 'ValidUser', permissions: {} })
  }
})

test('parseGeneration() reads dates with and without zone and decimals', () => {
  const time = Date.UTC(2030, 0, 31, 1, 2, 3)
  for (const NotAfter of [
    '2030-01-31T01:02:03',
    '2030-01-31T01:02:03.0000000',
    '2030-01-31T02:02:03+01:00',
    '2030-01-31T01:02:03Z',
  ]) {
    assert.equal(parseGeneration(body({ ...user, NotAfter })).limits.validUntil, time)
  }
  for (const NotAfter of [
    'soon',
    '2030-13-01T00:00:00Z',
    '2030-02-30T00:00:00Z',
    '2030',
    5,
    '2030-01-31T01:02:03Z; x',
  ]) {
    const code =
      typeof NotAfter === 'string' ? 'CertificateFormatInvalid' : 'CertificateDefinitionInvalid'
    assert.throws(() => parseGeneration(body({ ...user, NotAfter })), refuses(code))
  }
})

test('the definitions refuse names that are missing, too long or break a line', () => {
  for (const Name of [undefined, null, '', '  ', 5, 'a\r\nX: 1', 'x'.repeat(257), 'a\0']) {
    assert.throws(
      () => parseGeneration(body({ ...user, Name })),
      refuses('CertificateDefinitionInvalid'),
    )
    assert.throws(
      () => parseEdit(body({ ...user, Thumbprint: 'A'.repeat(40), Name })),
      refuses('CertificateDefinitionInvalid'),
    )
  }
})

test('the definitions refuse what would restrict a certificate and is not there yet', () => {
  const asked = [
    { TwoFactorAuthenticationKey: 'JBSWY3DPEHPK3PXP' },
    { SsoIdentifiers: [{ Provider: 'x' }] },
    { SsoServerPublicKeyPinningHashes: ['x'] },
  ]
  for (const more of asked) {
    assert.throws(
      () => parseGeneration(body({ ...user, ...more })),
      refuses('CertificateFeatureMissing'),
    )
  }
  for (const Usage of ['RavenServer', 'SsoServer', 'SsoClient']) {
    assert.throws(
      () => parseGeneration(body({ ...user, Usage })),
      refuses('CertificateUsageReserved'),
    )
  }
  for (const Usage of ['Emperor', 'client', 1, {}]) {
    assert.throws(
      () => parseGeneration(body({ ...user, Usage })),
      refuses('CertificateFormatInvalid'),
    )
  }
  const harmless = {
    Usage: 'Client',
    TwoFactorAuthenticationKey: null,
    SsoIdentifiers: [],
    AllowAnySsoServer: false,
  }
  assert.equal(parseGeneration(body({ ...user, ...harmless })).name, 'shop')
})

test('the definitions refuse bodies that are no JSON object', () => {
  for (const text of ['', '{"Name":', '[]', 'null', '{"Name":"a","Name":"b"}', '{"Name":"a"} x']) {
    assert.throws(
      () => parseGeneration(Buffer.from(text)),
      (error) => error instanceof CodedError && error.status === 400,
    )
  }
})

test('parseRegistration() reads DER, PEM and PFX in base64, with line breaks too', async () => {
  const pem = Buffer.from(certificatePem(shop.certificate) + certificatePem(ca.certificate))
  const certificates = [shop.certificate, ca.certificate]
  const open = await writePfx({ certificates, privateKey: shop.privateKey })
  const sealed = await writePfx({ certificates, privateKey: shop.privateKey, password: 'pw' })
  const files: [Buffer, number, string?][] = [
    [shop.certificate.der, 1],
    [pem, 2],
    [open, 2],
    [sealed, 2, 'pw'],
  ]
  for (const [file, count, Password] of files) {
    for (const Certificate of [
      file.toString('base64'),
      file.toString('base64').replace(/.{64}/g, '$&\r\n'),
    ]) {
      const parsed = await parseRegistration(body({ ...user, Certificate, Password }))
      assert.equal(parsed.certificates.length, count)
      assert.equal(parsed.certificates[0]?.thumbprint, shop.certificate.thumbprint)
    }
  }
})

test('parseRegistration() refuses keys that no handshake succeeds with, and names those that do', async () => {
  const signer = await makeKeyPair('p-256')
  for (const namedCurve of ['secp224r1', 'secp256k1', 'brainpoolP256r1']) {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve })
    const der = handmade(signer, { key: publicKey.export({ type: 'spki', format: 'der' }) })
    const Certificate = der.toString('base64')
    const body = Buffer.from(JSON.stringify({ Name: 'odd', Permissions: {}, Certificate }))
    await assert.rejects(parseRegistration(body), {
      code: 'CertificateKeyUnusable',
      message: /use RSA of 2048 to 16384 bits, P-256, P-384, P-521, Ed25519 or Ed448/,
    })
  }
})

test('parseRegistration() refuses what is no certificate', async () => {
  const sealed = await writePfx({ certificates: [shop.certificate], password: 'pw' })
  const invalid = 'CertificateDefinitionInvalid'
  const cases: [unknown, string, string?][] = [
    [undefined, invalid],
    ['', invalid],
    ['%%%', invalid],
    [certificatePem(shop.certificate), invalid],
    [7, invalid],
    ['AAAA', 'CertificateUnreadable'],
    [sealed.toString('base64'), 'PfxUnreadable', 'no'],
    [sealed.toString('base64'), 'PfxUnreadable'],
  ]
  for (const [Certificate, code, Password] of cases) {
    await assert.rejects(
      parseRegistration(body({ ...user, Certificate, Password })),
      refuses(code),
      String(Certificate).slice(0, 40),
    )
  }
})

test('parseEdit() reads thumbprint and whether it is disabled', () => {
  const edit = { ...user, Thumbprint: 'AB'.repeat(20) }
  assert.equal(parseEdit(body(edit)).disabled, undefined)
  assert.equal(parseEdit(body({ ...edit, Disabled: null })).disabled, undefined)
  assert.equal(parseEdit(body({ ...edit, Disabled: true })).disabled, true)
  assert.throws(
    () => parseEdit(body({ ...edit, Disabled: 'yes' })),
    refuses('CertificateDefinitionInvalid'),
  )
  assert.throws(() => parseEdit(body(user)), refuses('CertificateDefinitionInvalid'))
})

test('the definitions answer any JSON with a coded error or a result', async () => {
  const names = fc.constantFrom(
    'Name',
    'Certificate',
    'Permissions',
    'SecurityClearance',
    'Password',
    'Disabled',
    'Thumbprint',
    'NotAfter',
  )
  await fc.assert(
    fc.asyncProperty(fc.dictionary(names, fc.jsonValue()), async (members) => {
      for (const parse of [parseGeneration, parseEdit, parseRegistration]) {
        try {
          await parse(body(members))
        } catch (error) {
          assert.ok(error instanceof CodedError, String(error))
        }
      }
    }),
    { numRuns: 500 },
  )
})

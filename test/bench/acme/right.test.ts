import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { wrongWith } from '#bench/acme/right.ts'
import { type Issued, issueServerCertificate, makeKeyPair } from '#shared/pki/issue.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import { authority, days } from '#test/support/certificates.ts'

const name = 'n0.lab.test'
let root: Issued
let leaf: Issued

before(async () => {
  root = await authority('root')
  leaf = await issued(root)
})

async function issued(signer: Issued, dnsNames = [name]): Promise<Issued> {
  const keys = await makeKeyPair('p-256')
  const subject = { commonName: 'server', dnsNames, ipAddresses: [], validity: days(90), keys }
  return issueServerCertificate(signer, subject)
}

function data({ certificate, privateKey }: Issued, key = privateKey): Record<string, string> {
  return {
    'tls.crt': Buffer.from(certificatePem(certificate)).toString('base64'),
    'tls.key': Buffer.from(privateKeyPem(key)).toString('base64'),
  }
}

function wrong(found: Record<string, string> | undefined, roots = [root]): string | undefined {
  return wrongWith(found, {
    name,
    roots: roots.map(({ certificate }) => certificatePem(certificate)),
  })
}

test('wrongWith() finds nothing where name, key and chain fit', () => {
  assert.equal(wrong(data(leaf)), undefined)
})

test('wrongWith() says that there is no certificate', () => {
  assert.equal(wrong(undefined), 'no certificate')
  assert.equal(wrong({ 'tls.crt': '' }), 'no certificate')
})

test('wrongWith() refuses a certificate for another name', async () => {
  assert.match(
    wrong(data(await issued(root, ['n1.lab.test']))) ?? '',
    /it is for DNS:n1\.lab\.test/,
  )
})

test('wrongWith() refuses a key that is not its own', async () => {
  const other = await issued(root)
  assert.equal(wrong(data(leaf, other.privateKey)), 'its key is another one')
})

test('wrongWith() refuses what another authority signed, also one of the same name', async () => {
  const impostor = await authority('root')
  assert.equal(wrong(data(await issued(impostor))), 'no chain leads to the CA')
  assert.equal(wrong(data(leaf), [await authority('another')]), 'no chain leads to the CA')
})

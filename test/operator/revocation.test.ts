/** What was given is taken away for certain: each loss and each obstacle by name, and random histories of all of them. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { strongroomCertificates } from '#operator/api/certificate.ts'
import { type StrongroomPermissionSpec, strongroomPermissions } from '#operator/api/permission.ts'
import { secrets } from '#operator/kube/kinds.ts'
import { annotation } from '#operator/kube/labels.ts'
import { secretText } from '#operator/kube/secret.ts'
import { readCertificates } from '#shared/pki/certificate.ts'
import { type Issued, makeKeyPair } from '#shared/pki/issue.ts'
import { certificatePem } from '#shared/pki/pem.ts'
import { authority, client, days } from '#test/support/certificates.ts'
import { certificate, permission, secret } from '#test/support/resources.ts'
import { namespace, type RevocationWorld, revocationWorld } from '#test/support/revocation-world.ts'

type Spec = Partial<StrongroomPermissionSpec>
const fast = { privateKey: { algorithm: 'ECDSA' } } as const
const soon = { ...days(365, 0), notAfter: Date.UTC(2030, 0, 1) }
let ca: Issued
let theirs: Issued
let renewed: Issued
before(async () => {
  const keys = await makeKeyPair('p-256')
  ca = await authority('clients')
  theirs = await client(ca, { commonName: 'theirs', validity: soon, keys })
  renewed = await client(ca, { commonName: 'theirs', validity: soon, keys })
})

/** The certificate `shop` with the right `shop-orders` on database orders. */
async function quickstart(spec: Spec = {}): Promise<RevocationWorld> {
  const world = await revocationWorld(ca)
  await world.kube.create(strongroomCertificates, certificate({ spec: fast }))
  await world.kube.create(strongroomPermissions, permission({ spec }))
  await world.pass(1)
  await world.turn(8)
  return world
}

async function grant(world: RevocationWorld, name: string, spec: Spec, annotations = {}) {
  await world.kube.create(
    strongroomPermissions,
    permission({ metadata: { name, annotations }, spec }),
  )
  await world.pass(1)
  await world.turn(4)
}

const shopThumbprint = async (world: RevocationWorld): Promise<string> => {
  const pem = secretText(await world.kube.get(secrets, { name: 'shop-tls', namespace }), 'tls.crt')
  return readCertificates(Buffer.from(pem))[0]?.thumbprint ?? assert.fail('no certificate')
}

describe('A StrongroomCertificate that is deleted', () => {
  const losses: Readonly<Record<string, (world: RevocationWorld) => Promise<unknown>>> = {
    'its Secret is deleted': (world) => world.delete(secrets, 'shop-tls'),
    'its Secret is corrupted': async (world) => {
      await world.kube.patch(
        secrets,
        { name: 'shop-tls', namespace },
        { data: { 'tls.key': 'eA==' } },
      )
      await world.pass(1)
    },
    'its status is lost': (world) => world.loseStatus(strongroomCertificates, 'shop'),
    'no status can be written': async (world) => {
      world.kube.refusesStatus = true
    },
  }
  const all = Object.entries(losses)
  const everything = async (world: RevocationWorld): Promise<void> => {
    for (const [name, lose] of all) if (!name.includes('corrupted')) await lose(world)
  }
  const combined = [...all, ['all of that happened', everything] as const]
  for (const [name, lose] of combined) {
    test(`leaves no record behind although ${name}`, async () => {
      await using world = await quickstart()
      const thumbprint = await shopThumbprint(world)
      assert.equal(world.admin.rightsOf(thumbprint), 'ValidUser orders:ReadWrite')
      await lose(world)
      await world.delete(strongroomPermissions, 'shop-orders')
      await world.delete(strongroomCertificates, 'shop')
      await world.turn(6)
      assert.deepEqual(await world.admin.certificates(), [])
      assert.equal(await world.get(strongroomCertificates, 'shop'), undefined)
    })
  }

  test('and applied again gets another key and certificate, and the revoked one stays revoked', async () => {
    await using world = await quickstart()
    const revoked = await shopThumbprint(world)
    await world.delete(strongroomCertificates, 'shop')
    await world.turn(4)
    assert.equal(await shopThumbprint(world), revoked, 'the Secret survives')
    await world.kube.create(strongroomCertificates, certificate({ spec: fast }))
    await world.pass(1)
    await world.turn(10)
    assert.equal(await world.ready(strongroomCertificates, 'shop'), 'True Ready')
    assert.notEqual(await shopThumbprint(world), revoked)
    assert.equal(world.admin.rightsOf(revoked), undefined)
    assert.equal(world.admin.rightsOf(await shopThumbprint(world)), 'ValidUser orders:ReadWrite')
  })

  test('takes a certificate along that was staged, and one whose Secret was made anew', async () => {
    await using world = await quickstart()
    await world.delete(secrets, 'shop-tls')
    await world.turn(6)
    assert.equal((await world.admin.certificates()).length, 2, 'the lost one is still accepted')
    await world.delete(strongroomCertificates, 'shop')
    await world.turn(4)
    assert.deepEqual(await world.admin.certificates(), [])
  })
})

describe('A permission that is deleted', () => {
  const broken = { keystore: { passwordSecretRef: { name: 'missing', key: 'password' } } }

  test('loses its rights although its certificate cannot be worked on, and no status be written', async () => {
    await using world = await quickstart()
    const thumbprint = await shopThumbprint(world)
    await world.kube.patch(strongroomCertificates, { name: 'shop', namespace }, { spec: broken })
    await world.pass(1)
    await world.turn(2)
    assert.equal(await world.ready(strongroomCertificates, 'shop'), 'False PasswordMissing')
    world.kube.refusesStatus = true
    await world.delete(strongroomPermissions, 'shop-orders')
    await world.turn(2)
    assert.equal(world.admin.rightsOf(thumbprint), 'ValidUser')
  })

  test('of a Secret loses its rights on what that held before, on what it holds, and on renewals', async () => {
    await using world = await revocationWorld(ca)
    const held = secret('theirs', { 'tls.crt': certificatePem(theirs.certificate) })
    await world.kube.create(secrets, held)
    await grant(world, 'theirs', { subject: { secretRef: { name: 'theirs' } } })
    world.admin.renew(theirs.certificate.thumbprint, renewed.certificate.der)
    const another = await client(ca, { commonName: 'another', validity: soon })
    const data = { 'tls.crt': Buffer.from(certificatePem(another.certificate)).toString('base64') }
    await world.kube.patch(secrets, { name: 'theirs', namespace }, { data })
    await world.turn(4)
    const all = [theirs, renewed, another].map(({ certificate: { thumbprint } }) => thumbprint)
    for (const one of all) assert.equal(world.admin.rightsOf(one), 'ValidUser orders:ReadWrite')
    await world.delete(secrets, 'theirs')
    await world.loseStatus(strongroomPermissions, 'theirs')
    world.kube.refusesStatus = true
    await world.delete(strongroomPermissions, 'theirs')
    await world.turn(5)
    for (const one of all) assert.equal(world.admin.rightsOf(one), 'ValidUser')
    assert.equal(await world.get(strongroomPermissions, 'theirs'), undefined)
  })
})

describe('A permission on hundreds of databases', () => {
  const names = Array.from({ length: 256 }, (_, index) => `${index}-`.padEnd(128, 'x'))
  const databases = (access: 'Read' | 'ReadWrite') => names.map((name) => ({ name, access }))

  test('until the year 9999 has a status, is narrowed and is revoked', async () => {
    await using world = await quickstart({
      databases: databases('ReadWrite'),
      notAfter: '9999-12-31T23:59:59Z',
    })
    const thumbprint = await shopThumbprint(world)
    assert.equal(await world.ready(strongroomPermissions, 'shop-orders'), 'True Ready')
    const ref = { name: 'shop-orders', namespace }
    const narrower = { spec: { databases: databases('Read').slice(0, 40) } }
    await world.kube.patch(strongroomPermissions, ref, narrower)
    await world.pass(1)
    await world.turn(4)
    assert.equal(world.admin.rightsOf(thumbprint)?.split(' ').length, 41)
    assert.ok(!world.admin.rightsOf(thumbprint)?.includes('ReadWrite'))
    await world.delete(strongroomPermissions, 'shop-orders')
    await world.turn(3)
    assert.equal(world.admin.rightsOf(thumbprint), 'ValidUser')
  })

  test('gives all but the one that no database can be called, and says which', async () => {
    await using world = await quickstart({
      databases: [
        { name: 'orders', access: 'Read' },
        { name: 'orders*', access: 'Read' },
        { name: 'CON', access: 'Read' },
      ],
    })
    assert.equal(world.admin.rightsOf(await shopThumbprint(world)), 'ValidUser orders:Read')
    const state = await world.ready(strongroomPermissions, 'shop-orders')
    assert.match(state, /^False (DatabaseNameInvalid|InvalidSpec)$/)
  })
})

describe('Permissions that name one certificate in several ways', () => {
  test('are united, whoever writes, and each takes its own rights along', async () => {
    await using world = await quickstart()
    const thumbprint = await shopThumbprint(world)
    const db = (name: string) => [{ name, access: 'Read' as const }]
    const [record] = await world.admin.certificates()
    const publicKeyPin = record?.publicKeyPin ?? assert.fail()
    await grant(world, 'b', { subject: { thumbprint }, databases: db('b') })
    await grant(world, 'c', { subject: { publicKeyPin }, databases: db('c') })
    await grant(world, 'd', { subject: { secretRef: { name: 'shop-tls' } }, databases: db('d') })
    await world.turn(3)
    assert.equal(
      world.admin.rightsOf(thumbprint),
      'ValidUser b:Read c:Read d:Read orders:ReadWrite',
    )
    for (const name of ['shop-orders', 'b', 'c', 'd'])
      assert.equal(await world.ready(strongroomPermissions, name), 'True Ready', name)
    const calls = world.admin.calls.length
    await world.turn(5)
    assert.equal(world.admin.calls.length, calls, 'nothing flips')
    for (const name of ['c', 'shop-orders', 'd']) await world.delete(strongroomPermissions, name)
    await world.turn(3)
    assert.equal(world.admin.rightsOf(thumbprint), 'ValidUser b:Read')
  })

  test('are in conflict where they differ: the younger, which gives nothing', async () => {
    await using world = await quickstart()
    const thumbprint = await shopThumbprint(world)
    const databases = [{ name: 'orders', access: 'Admin' as const }]
    await grant(world, 'younger', { subject: { thumbprint }, databases })
    assert.equal(await world.ready(strongroomPermissions, 'younger'), 'False Conflict')
    assert.equal(world.admin.rightsOf(thumbprint), 'ValidUser orders:ReadWrite')
  })
})

describe('What somebody registered by hand', () => {
  const byHand = { name: 'root', clearance: 'ClusterAdmin', permissions: {} } as const

  test('is neither taken over by a Secret nor demoted by a thumbprint, until that is said', async () => {
    const { der, thumbprint } = theirs.certificate
    const subjects: Spec['subject'][] = [{ thumbprint }, { secretRef: { name: 'theirs' } }]
    for (const subject of subjects) {
      await using world = await revocationWorld(ca)
      await world.admin.putCertificate(der, byHand)
      const held = secret('theirs', { 'tls.crt': certificatePem(theirs.certificate) })
      await world.kube.create(secrets, held)
      await grant(world, 'p', subject === undefined ? {} : { subject })
      assert.equal(await world.ready(strongroomPermissions, 'p'), 'False AlreadyExists')
      assert.equal(world.admin.rightsOf(thumbprint), 'ClusterAdmin')
      await world.delete(strongroomPermissions, 'p')
      await world.turn(2)
      assert.equal(
        world.admin.rightsOf(thumbprint),
        'ClusterAdmin',
        'deletion takes nothing either',
      )
      const adopt = { [annotation.adopt]: 'true' }
      await grant(world, 'q', subject === undefined ? {} : { subject }, adopt)
      assert.equal(world.admin.rightsOf(thumbprint), 'ValidUser orders:ReadWrite')
    }
  })
})

test('A grant with an end ends on the server at that instant, with the operator away', async () => {
  await using world = await quickstart()
  const thumbprint = await shopThumbprint(world)
  const { nowMs } = world.admin
  const notAfter = new Date(nowMs + 60_000).toISOString()
  const spec = { databases: [{ name: 'stock', access: 'Read' as const }], notAfter }
  await grant(world, 'short', spec)
  assert.equal(world.admin.rightsOf(thumbprint), 'ValidUser orders:ReadWrite stock:Read')
  world.admin.nowMs = Date.parse(notAfter) - 1
  assert.match(world.admin.rightsOf(thumbprint) ?? '', /stock/)
  world.admin.nowMs = Date.parse(notAfter)
  assert.equal(world.admin.rightsOf(thumbprint), 'ValidUser orders:ReadWrite')
})

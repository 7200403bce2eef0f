/** Random histories: after deletions settle, no record on the server keeps a right that no permission of those that are left gives. */
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import fc from 'fast-check'
import { Unreachable } from '#operator/admin/admin.ts'
import { type StrongroomCertificate, strongroomCertificates } from '#operator/api/certificate.ts'
import {
  type StrongroomPermission,
  type StrongroomPermissionSpec,
  strongroomPermissions,
} from '#operator/api/permission.ts'
import { secrets } from '#operator/kube/kinds.ts'
import { type Issued, makeKeyPair } from '#shared/pki/issue.ts'
import { certificatePem } from '#shared/pki/pem.ts'
import { authority, client } from '#test/support/certificates.ts'
import { certificate, permission, secret } from '#test/support/resources.ts'
import { namespace, type RevocationWorld, revocationWorld } from '#test/support/revocation-world.ts'

const validity = { notBefore: 0, notAfter: Date.UTC(2030, 0, 1) }
let ca: Issued
/** In the Secret `mine`, before and after it is replaced; the third has the key of the first. */
let own: readonly Issued[]
/** Registered by hand. */
let theirs: Issued
before(async () => {
  const keys = await makeKeyPair('p-256')
  ca = await authority('clients')
  const commonName = 'mine'
  own = [
    await client(ca, { commonName, validity, keys }),
    await client(ca, { commonName, validity }),
    await client(ca, { commonName, validity, keys }),
  ]
  theirs = await client(ca, { commonName: 'theirs', validity })
})

const certificateNames = ['one', 'two'] as const
/** Each permission gives databases of its own, so that a right on the server tells which permission gave it. */
const permissionNames = ['p', 'q', 'r', 's', 't'] as const
type Subject = (world: RevocationWorld) => Promise<StrongroomPermissionSpec['subject']>

const subjects: readonly Subject[] = [
  async () => ({ certificateRef: { name: 'one' } }),
  async () => ({ certificateRef: { name: 'two' } }),
  async () => ({ secretRef: { name: 'one-tls' } }),
  async () => ({ secretRef: { name: 'mine' } }),
  async () => ({ thumbprint: theirs.certificate.thumbprint }),
  async () => ({ publicKeyPin: theirs.certificate.pin }),
  async () => ({ thumbprint: own[0]?.certificate.thumbprint ?? '' }),
  async (world) => {
    const one = await world.get<StrongroomCertificate>(strongroomCertificates, 'one')
    return { thumbprint: one?.status?.thumbprint ?? theirs.certificate.thumbprint }
  },
]

type Step = (world: RevocationWorld) => Promise<unknown>

/** A step that does nothing where what it is about is not there. */
function about(label: string, step: Step): Step & { readonly label: string } {
  const run: Step = (world) => step(world).catch(() => undefined)
  return Object.assign(run, { label, toString: () => label })
}

const grant = (name: string, subject: number, width: number): Step =>
  about(`grant ${name} to subject ${subject}, ${width} wide`, async (world) => {
    const spec = {
      subject: (await subjects[subject]?.(world)) ?? {},
      databases: databasesOf(name, width),
    }
    await world.kube.create(strongroomPermissions, permission({ metadata: { name }, spec }))
  })

function databasesOf(
  name: string,
  width: number,
): NonNullable<StrongroomPermissionSpec['databases']> {
  const invalid = width === 3 ? [{ name: 'not valid*', access: 'Read' as const }] : []
  return [
    ...Array.from({ length: width }, (_, index) => ({
      name: `${name}-${index}`,
      access: 'Read' as const,
    })),
    ...invalid,
  ]
}

const replaceMine = (index: number): Step =>
  about(`put certificate ${index} into Secret mine`, async (world) => {
    const pem = certificatePem((own[index] ?? theirs).certificate)
    const held = secret('mine', { 'tls.crt': pem })
    await world.kube.delete(secrets, { name: 'mine', namespace })
    await world.kube.create(secrets, held)
  })

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(about('turn', (world) => world.turn(2))) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...permissionNames),
        fc.nat(subjects.length - 1),
        fc.integer({ min: 1, max: 40 }),
      )
      .map(([name, subject, width]) => grant(name, subject, width)),
  },
  fc
    .tuple(fc.constantFrom(...permissionNames), fc.integer({ min: 1, max: 40 }))
    .map(([name, width]) =>
      about(`change ${name}, ${width} wide`, (world) =>
        world.kube.patch(
          strongroomPermissions,
          { name, namespace },
          { spec: { databases: databasesOf(name, width) } },
        ),
      ),
    ),
  fc
    .constantFrom(...permissionNames)
    .map((name) => about(`delete ${name}`, (world) => world.delete(strongroomPermissions, name))),
  fc.constantFrom(...certificateNames).map((name) =>
    about(`declare certificate ${name}`, (world) =>
      world.kube.create(
        strongroomCertificates,
        certificate({
          metadata: { name },
          spec: {
            commonName: name,
            secretName: `${name}-tls`,
            privateKey: { algorithm: 'ECDSA' },
            duration: '24h',
          },
        }),
      ),
    ),
  ),
  fc
    .constantFrom(...certificateNames)
    .map((name) =>
      about(`delete certificate ${name}`, (world) => world.delete(strongroomCertificates, name)),
    ),
  fc
    .constantFrom('one-tls', 'one-next-key', 'two-tls', 'mine')
    .map((name) => about(`lose Secret ${name}`, (world) => world.delete(secrets, name))),
  fc
    .constantFrom('one-tls', 'one-next-key')
    .map((name) =>
      about(`corrupt Secret ${name}`, (world) =>
        world.kube.patch(secrets, { name, namespace }, { data: { 'tls.key': 'eA==' } }),
      ),
    ),
  fc.nat(2).map(replaceMine),
  fc
    .constantFrom(...certificateNames)
    .map((name) =>
      about(`lose status of certificate ${name}`, (world) =>
        world.loseStatus(strongroomCertificates, name),
      ),
    ),
  fc
    .constantFrom(...permissionNames)
    .map((name) =>
      about(`lose status of ${name}`, (world) => world.loseStatus(strongroomPermissions, name)),
    ),
  fc.constantFrom('put', 'edit', 'revoke').map((call) =>
    about(`the server fails at ${call}`, async (world) => {
      world.admin.failures.set(call, new Unreachable('the connection broke'))
    }),
  ),
  fc.boolean().map((refuses) =>
    about(`statuses are ${refuses ? 'refused' : 'taken'}`, async (world) => {
      world.kube.refusesStatus = refuses
    }),
  ),
  fc.constant(
    about('certificate one cannot be worked on', (world) =>
      world.kube.patch(
        strongroomCertificates,
        { name: 'one', namespace },
        { spec: { keystore: { passwordSecretRef: { name: 'missing', key: 'k' } } } },
      ),
    ),
  ),
  fc.constant(
    about('a program renews by itself', async (world) => {
      const [first, , third] = own
      if (first && third) world.admin.renew(first.certificate.thumbprint, third.certificate.der)
    }),
  ),
  fc.constant(about('sixteen hours pass', (world) => world.pass(16 * 3_600_000))),
  fc.constant(
    about('somebody registers by hand', (world) =>
      world.admin.putCertificate(theirs.certificate.der, {
        ...{ name: 'theirs', clearance: 'ClusterAdmin' },
        permissions: { hand: 'Read' },
      }),
    ),
  ),
)

/** Rights on the server, as `thumbprint database`, that no permission gives which is there and not being deleted. */
async function strayRights(world: RevocationWorld): Promise<string[]> {
  const { items } = await world.kube.list<StrongroomPermission>(strongroomPermissions, {
    namespace,
  })
  const given = new Set(
    items
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .flatMap(({ spec }) => (spec.databases ?? []).map(({ name }) => name)),
  )
  return (await world.admin.certificates()).flatMap(({ name, permissions }) =>
    Object.keys(permissions)
      .filter((database) => database !== 'hand' && !given.has(database))
      .map((database) => `${name} ${database}`),
  )
}

const turnsToSettle = 12

async function check(history: readonly Step[], isWorst: boolean): Promise<void> {
  await using world = await revocationWorld(ca)
  for (const step of history) {
    await step(world)
    await world.pass(1)
  }
  // What takes rights away waits for nothing else: no status is taken, and no certificate can be worked on.
  world.admin.failures.clear()
  world.kube.refusesStatus = isWorst
  const { items } = await world.kube.list<StrongroomPermission>(strongroomPermissions, {
    namespace,
  })
  for (const [index, { metadata }] of items.entries())
    if (index % 2 === 0) await world.delete(strongroomPermissions, metadata.name)
  await world.turn(turnsToSettle)
  assert.deepEqual(await strayRights(world), [], 'after some were deleted')
  for (const { metadata } of items) await world.delete(strongroomPermissions, metadata.name)
  await world.turn(turnsToSettle)
  assert.deepEqual(await strayRights(world), [], 'after all were deleted')
  for (const name of certificateNames) await world.delete(strongroomCertificates, name)
  await world.turn(turnsToSettle)
  const left = (await world.admin.certificates()).map(({ name }) => name)
  assert.deepEqual(
    left.filter((name) => name === 'one' || name === 'two'),
    [],
  )
  for (const kind of [strongroomPermissions, strongroomCertificates])
    assert.deepEqual((await world.kube.list(kind, { namespace })).items, [], 'all let go')
}

const runs = process.env.STRONGROOM_TEST_LONG === undefined ? 12 : 500

test('Revocation: no right outlives the last permission that gives it, whatever happened before and whatever else is in the way', async () => {
  const history = fc.array(steps, { minLength: 8, maxLength: 30, size: 'max' })
  await fc.assert(fc.asyncProperty(history, fc.boolean(), check), { numRuns: runs })
})

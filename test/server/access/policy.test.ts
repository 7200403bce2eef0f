import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import {
  type Action,
  adminDatabase,
  anyone,
  clusterAdmin,
  open,
  operator,
  readDatabase,
  registered,
  writeDatabase,
} from '#server/access/actions.ts'
import type { Identity } from '#server/access/identity.ts'
import { refusal } from '#server/access/policy.ts'
import type { Registration } from '#server/access/registration.ts'
import type { Issued } from '#shared/pki/issue.ts'
import { authority, client, days, year2026 } from '#test/support/certificates.ts'
import { registration } from '#test/support/registrations.ts'

let shop: Issued
before(async () => {
  shop = await client(await authority(), { commonName: 'shop', validity: days(10) })
})

function known(wanted: Partial<Registration>): Identity {
  const { certificate } = shop
  const record = registration(certificate, wanted)
  return { kind: 'registered', certificate, registration: record, how: 'thumbprint' }
}

function code(
  identity: Identity,
  action: Action,
  database?: string,
  now = year2026,
): string | undefined {
  return refusal({ identity, action, database, now })?.code
}

const holders = {
  R: { permissions: { orders: 'Read' } },
  RW: { permissions: { orders: 'ReadWrite' } },
  DA: { permissions: { orders: 'Admin' } },
  OP: { clearance: 'Operator' },
  CA: { clearance: 'ClusterAdmin' },
} as const satisfies Record<string, Partial<Registration>>

/** The matrix of the documentation: what the operation's routes declare, and who is let in. */
const matrix: readonly (readonly [
  row: string,
  operation: string,
  action: Action,
  allowed: string,
])[] = [
  ['MF-MX-01', 'read documents, run queries', readDatabase, 'R RW DA OP CA'],
  ['MF-MX-02', 'make an index by a query', readDatabase, 'R RW DA OP CA'],
  ['MF-MX-03', 'consume a subscription', readDatabase, 'R RW DA OP CA'],
  ['MF-MX-04', 'write documents', writeDatabase, 'RW DA OP CA'],
  ['MF-MX-05', 'create a subscription', writeDatabase, 'RW DA OP CA'],
  ['MF-MX-06', 'view an index', readDatabase, 'R RW DA OP CA'],
  ['MF-MX-07', 'put, delete and reset an index', adminDatabase, 'DA OP CA'],
  ['MF-MX-08', 'resolve conflicts', adminDatabase, 'DA OP CA'],
  ['MF-MX-09', 'configure and delete revisions', adminDatabase, 'DA OP CA'],
  ['MF-MX-10', 'define expiration', adminDatabase, 'DA OP CA'],
  ['MF-MX-11', 'create a backup', adminDatabase, 'DA OP CA'],
  ['MF-MX-12', 'connection strings', adminDatabase, 'DA OP CA'],
  ['MF-MX-13', 'client configuration of a database', adminDatabase, 'DA OP CA'],
  ['MF-MX-14', 'transactions', adminDatabase, 'DA OP CA'],
  ['MF-MX-15', 'import data', writeDatabase, 'RW DA OP CA'],
  ['MF-MX-16', 'export and import by the server', operator, 'OP CA'],
  ['MF-MX-17', 'create and delete databases', operator, 'OP CA'],
  ['MF-MX-18', 'get the record of a database', operator, 'OP CA'],
  ['MF-MX-19', 'members of a database', operator, 'OP CA'],
  ['MF-MX-20', 'tasks', operator, 'OP CA'],
  ['MF-MX-21', 'restore, compact', operator, 'OP CA'],
  ['MF-MX-22', 'migrate databases', operator, 'OP CA'],
  ['MF-MX-23', 'certificates of users and operators', operator, 'OP CA'],
  ['MF-MX-24', 'certificates of cluster admins', clusterAdmin, 'CA'],
  ['MF-MX-25', 'replace the server certificate', clusterAdmin, 'CA'],
  ['MF-MX-26', 'keys of databases', operator, 'OP CA'],
  ['MF-MX-27', 'client configuration of the server', operator, 'OP CA'],
  ['MF-MX-28', 'logs and metrics of the server', operator, 'OP CA'],
  ['MF-MX-29', 'elections', operator, 'OP CA'],
  ['MF-MX-30', 'members of the cluster', clusterAdmin, 'CA'],
  ['MF-MX-31', 'the administrator’s console', clusterAdmin, 'CA'],
  ['MF-MX-32', 'licence', clusterAdmin, 'CA'],
  ['MF-MX-33', 'SNMP', clusterAdmin, 'CA'],
  ['MF-MX-34', 'register a single sign-on server', clusterAdmin, 'CA'],
  ['MF-MX-35', 'users of single sign-on', operator, 'OP CA'],
  ['MF-MX-36', 'topology', registered, 'R RW DA OP CA'],
]

test('refusal() follows the matrix of the documentation, row by row', () => {
  assert.equal(matrix.length, 36)
  for (const [row, operation, action, allowed] of matrix) {
    for (const [holder, wanted] of Object.entries(holders)) {
      const isAllowed = code(known(wanted), action, 'orders') === undefined
      assert.equal(
        isAllowed,
        allowed.split(' ').includes(holder),
        `${row} ${operation} as ${holder}`,
      )
    }
  }
})

test('refusal() gives a ClusterNode what a ClusterAdmin has', () => {
  for (const [, , action] of matrix)
    assert.equal(code(known({ clearance: 'ClusterNode' }), action, 'x'), undefined)
})

test('refusal() ignores the permissions of an operator, also where they say less', () => {
  const identity = known({ clearance: 'Operator', permissions: { orders: 'Read' } })
  assert.equal(code(identity, adminDatabase, 'orders'), undefined)
})

test('refusal() lets everybody see probes and who he is', () => {
  const stranger: Identity = { kind: 'unknown', certificate: shop.certificate }
  for (const identity of [{ kind: 'none' } as const, stranger, known({ disabled: true })]) {
    assert.equal(code(identity, open), undefined)
    assert.equal(code(identity, anyone), undefined)
  }
})

test('refusal() lets nobody do anything else without a registered certificate', () => {
  const stranger: Identity = { kind: 'unknown', certificate: shop.certificate }
  for (const action of [
    registered,
    readDatabase,
    writeDatabase,
    adminDatabase,
    operator,
    clusterAdmin,
  ]) {
    assert.equal(code({ kind: 'none' }, action, 'orders'), 'CertificateMissing')
    assert.equal(code(stranger, action, 'orders'), 'CertificateUnknown')
  }
})

test('refusal() refuses a disabled, an expired and a not yet valid certificate, admins too', () => {
  const admin = { clearance: 'ClusterAdmin' } as const
  const { notBefore, notAfter } = shop.certificate
  assert.equal(code(known({ ...admin, disabled: true }), registered), 'CertificateDisabled')
  assert.equal(code(known(admin), registered, undefined, notAfter + 1), 'CertificateExpired')
  assert.equal(code(known(admin), registered, undefined, notBefore - 1), 'CertificateNotYetValid')
  assert.equal(code(known(admin), registered, undefined, notAfter), undefined)
  assert.equal(code(known(admin), registered, undefined, notBefore), undefined)
})

test('refusal() of a user without permissions is the same for every database', () => {
  const identity = known({ permissions: {} })
  const texts = ['orders', 'nosuch'].map((database) =>
    refusal({ identity, action: readDatabase, database, now: year2026 })?.message.replace(
      database,
      '…',
    ),
  )
  assert.equal(texts[0], texts[1])
})

test('refusal() finds databases without regard to case', () => {
  assert.equal(code(known({ permissions: { OrDers: 'Read' } }), readDatabase, 'oRdErS'), undefined)
})

test('refusal() refuses a user who names no database where one is needed', () => {
  assert.equal(code(known(holders.DA), { level: 'Read', database: 'query' }), 'DatabaseNotNamed')
  assert.equal(code(known(holders.OP), { level: 'Read', database: 'query' }), undefined)
})

test('refusal() says who was refused and what was needed', () => {
  const { thumbprint } = shop.certificate
  const text = (wanted: Partial<Registration>, action: Action): string =>
    refusal({ identity: known(wanted), action, database: 'orders', now: year2026 })?.message ?? ''
  for (const message of [
    text({}, operator),
    text({}, readDatabase),
    text(holders.R, adminDatabase),
  ]) {
    assert.ok(message.includes(`'CN=shop(Thumbprint: ${thumbprint})'`), message)
  }
  assert.match(text({}, operator), /Operator\/ClusterAdmin/)
  assert.match(text(holders.OP, clusterAdmin), /needs the clearance ClusterAdmin, .* has Operator/)
  assert.match(text(holders.R, adminDatabase), /DatabaseAdmin/)
  assert.match(text(holders.R, writeDatabase), /ReadWrite/)
})

test('refusal() answers with RavenDB’s type and 403', () => {
  const refused = refusal({
    identity: { kind: 'none' },
    action: registered,
    database: undefined,
    now: 0,
  })
  assert.deepEqual([refused?.status, refused?.type], [403, 'InvalidAuth'])
})

test('refusal() says why a certificate of a known key is no renewal', () => {
  for (const renewal of ['deleted', 'disabled', 'expired', 'issuer', 'several'] as const) {
    const identity: Identity = { kind: 'unknown', certificate: shop.certificate, renewal }
    const refused = refusal({ identity, action: registered, database: undefined, now: year2026 })
    assert.equal(refused?.code, 'RenewalRefused')
    assert.ok(refused.message.includes(shop.certificate.pin))
  }
})

test('refusal() lets everybody in on a server without TLS', () => {
  assert.equal(code({ kind: 'unsecured' }, clusterAdmin), undefined)
})

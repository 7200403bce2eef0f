import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import type { CertificateState } from '#operator/admin/admin.ts'
import type { StrongroomCertificate } from '#operator/api/certificate.ts'
import type { Decision } from '#operator/certificates/decision.types.ts'
import type { Observed } from '#operator/certificates/observe.ts'
import { stagedSecret, targetSecret } from '#operator/certificates/output.ts'
import { decide } from '#operator/certificates/plan.ts'
import { statusOf } from '#operator/certificates/status.ts'
import { finalizer } from '#operator/kube/labels.ts'
import type { Secret } from '#operator/kube/secret.ts'
import { tlsData, tlsMaterial } from '#operator/kube/tls-secret.ts'
import type { Issued } from '#shared/pki/issue.ts'
import { authority, client, days, year2026 } from '#test/support/certificates.ts'
import { certificate, permission, readyStrongroom, secret } from '#test/support/resources.ts'

const dayMs = 24 * 60 * 60 * 1000
const held = { finalizers: [finalizer] }
const trust = 'TRUST\n'

let signer: Issued
let current: Issued
let next: Issued

before(async () => {
  signer = await authority('clients')
  current = await client(signer, { validity: days(90) })
  next = await client(signer, { validity: days(90, year2026 + 61 * dayMs) })
})

const resource = (given: Parameters<typeof certificate>[0] = {}): StrongroomCertificate =>
  certificate({
    ...given,
    metadata: { ...held, ...given.metadata },
    spec: { privateKey: { algorithm: 'ECDSA' }, ...given.spec },
  })

/** What is seen when these Secrets are there. */
async function seen(
  given: Partial<Observed> & { readonly use?: Issued; readonly stage?: Issued } = {},
): Promise<Observed> {
  const { use, stage, ...rest } = given
  const base: Observed = {
    nowMs: year2026,
    resource: resource(),
    cluster: readyStrongroom(),
    authority: tlsMaterial(
      { ...secret('vault-client-ca', {}), data: tlsData(signer) },
      'vault-client-ca',
    ),
    signingSecret: undefined,
    target: undefined,
    current: tlsMaterial(undefined, 'shop-tls'),
    staged: undefined,
    next: tlsMaterial(undefined, 'shop-next-key'),
    certManager: { isPresent: false, certificate: undefined, requests: [] },
    issued: undefined,
    trust,
    password: '',
    permissions: [permission()],
    certificates: [],
    records: [],
    storeId: 'store-1',
    storeCommit: 5,
    unreachable: undefined,
    admin: undefined,
    rivals: [],
    isNamespaceEnding: false,
    secretRefused: undefined,
    secretReservedBy: undefined,
    ...rest,
  }
  const pair = (issued: Issued) => ({ certificate: issued.certificate, key: issued.privateKey })
  const target = use === undefined ? base.target : await targetSecret(base, pair(use))
  const staged: Secret | undefined =
    stage === undefined ? base.staged : stagedSecret(base.resource, pair(stage))
  return {
    ...base,
    target,
    staged,
    current: tlsMaterial(target, 'shop-tls'),
    next: tlsMaterial(staged, 'shop-next-key'),
    ...(rest.current === undefined ? {} : { current: rest.current }),
  }
}

function record(
  { certificate: { thumbprint, pin, notAfter } }: Issued,
  given: Partial<CertificateState> = {},
): CertificateState {
  return {
    name: 'shop',
    thumbprint,
    publicKeyPin: pin,
    clearance: 'ValidUser',
    permissions: { orders: 'ReadWrite' },
    notAfter,
    ...given,
  }
}

const kindOf = (decision: Decision): string =>
  'reason' in decision ? `${decision.kind} ${decision.reason}` : decision.kind

describe('decide() for a client certificate', () => {
  test('goes staged, registered, published, unstaged, ready: each step only after the one before', async () => {
    assert.deepEqual(decide(await seen()), { kind: 'stage', why: 'Missing' })
    const register = decide(await seen({ stage: current }))
    assert.equal(
      register.kind === 'register' && register.certificate.thumbprint,
      current.certificate.thumbprint,
    )
    assert.deepEqual(register.kind === 'register' && register.rights.permissions, {
      orders: 'ReadWrite',
    })
    const records = [record(current)]
    assert.deepEqual(decide(await seen({ stage: current, records })), {
      kind: 'publish',
      from: 'staged',
    })
    assert.deepEqual(decide(await seen({ stage: current, use: current, records })), {
      kind: 'unstage',
    })
    assert.equal(decide(await seen({ use: current, records })).kind, 'ready')
  })

  test('renews at two thirds: the old one stays in use and registered until the new one is published', async () => {
    const nowMs = year2026 + 61 * dayMs
    const records = [record(current)]
    assert.deepEqual(decide(await seen({ nowMs, use: current, records })), {
      kind: 'stage',
      why: 'Renewing',
    })
    const staged = await seen({ nowMs, use: current, stage: next, records })
    const decision = decide(staged)
    assert.equal(
      decision.kind === 'register' && decision.certificate.thumbprint,
      next.certificate.thumbprint,
    )
    assert.deepEqual(
      statusOf(staged, decision).superseded?.map(({ thumbprint }) => thumbprint),
      [current.certificate.thumbprint],
      'on record before its successor is in use',
    )
    assert.deepEqual(
      decide(
        await seen({ nowMs, use: current, stage: next, records: [record(current), record(next)] }),
      ),
      { kind: 'publish', from: 'staged' },
    )
  })

  test('keeps the rights of the old one up to date during the overlap, and drops it at its end', async () => {
    const superseded = [
      {
        thumbprint: current.certificate.thumbprint,
        notAfter: new Date(current.certificate.notAfter).toISOString(),
      },
    ]
    const after = resource({ status: { superseded, thumbprint: next.certificate.thumbprint } })
    const during = { nowMs: year2026 + 62 * dayMs, resource: after, use: next }
    const narrowed = decide(
      await seen({
        ...during,
        records: [record(next), record(current, { permissions: { orders: 'Admin' } })],
      }),
    )
    assert.equal(narrowed.kind === 'edit' && narrowed.thumbprint, current.certificate.thumbprint)
    const ended = { ...during, nowMs: year2026 + 91 * dayMs }
    assert.deepEqual(decide(await seen({ ...ended, records: [record(next), record(current)] })), {
      kind: 'retire',
      thumbprint: current.certificate.thumbprint,
      why: 'it has expired',
    })
    const gone = await seen({ ...ended, records: [record(next)] })
    assert.equal(decide(gone).kind, 'ready')
    assert.deepEqual(statusOf(gone, decide(gone)).superseded, [])
  })

  test('takes the rights away with the last permission: a ValidUser without databases', async () => {
    const decision = decide(
      await seen({ use: current, permissions: [], records: [record(current)] }),
    )
    assert.deepEqual(decision.kind === 'edit' && decision.rights, {
      clearance: 'ValidUser',
      permissions: {},
    })
  })

  test('repairs what somebody changed on the server, unless every permission only observes', async () => {
    const records = [record(current, { clearance: 'ClusterAdmin', permissions: {} })]
    const decision = decide(await seen({ use: current, records }))
    assert.deepEqual(decision.kind === 'edit' && decision.fields, [
      'clearance',
      'databases[orders]',
    ])
    const observing = [permission({ spec: { driftPolicy: 'Observe' } })]
    assert.equal(
      decide(await seen({ use: current, records, permissions: observing })).kind,
      'ready',
    )
  })

  test('writes the Secret anew when trust, password or template change, and not otherwise', async () => {
    const records = [record(current)]
    const before_ = await seen({ use: current, records })
    for (const change of [
      { trust: 'NEW\n' },
      { password: 'secret' },
      { resource: resource({ spec: { secretTemplate: { labels: { team: 'a' } } } }) },
    ]) {
      assert.deepEqual(decide({ ...before_, ...change }), { kind: 'publish', from: 'current' })
    }
    assert.equal(decide(before_).kind, 'ready')
  })

  test('issues anew when name, key type or authority are others, or the Secret is damaged', async () => {
    const records = [record(current)]
    const renamed = await seen({ use: current, records })
    assert.deepEqual(
      decide({ ...renamed, resource: resource({ spec: { commonName: 'store' } }) }),
      { kind: 'stage', why: 'SpecMismatch' },
    )
    assert.deepEqual(decide({ ...renamed, resource: certificate({ metadata: held }) }), {
      kind: 'stage',
      why: 'SpecMismatch',
    })
    const other = await authority('another')
    const material = tlsMaterial({ ...secret('ca', {}), data: tlsData(other) }, 'ca')
    assert.deepEqual(decide({ ...renamed, authority: material }), {
      kind: 'stage',
      why: 'IncorrectIssuer',
    })
    assert.deepEqual(
      decide({
        ...renamed,
        current: tlsMaterial(secret('shop-tls', { 'tls.crt': 'x', 'tls.key': 'y' }), 'shop-tls'),
      }),
      { kind: 'stage', why: 'Missing' },
    )
  })

  test('throws away a staged pair that no longer fits', async () => {
    const observed = await seen({ stage: current })
    assert.deepEqual(
      decide({ ...observed, resource: resource({ spec: { commonName: 'store' } }) }),
      { kind: 'discard' },
    )
  })

  test('never writes a Secret of somebody else', async () => {
    const target = secret('shop-tls', { 'tls.crt': 'theirs' })
    assert.equal(kindOf(decide(await seen({ target }))), 'stalled SecretOwnedByOther')
  })

  test('says what it waits for or cannot go on without', async () => {
    assert.equal(kindOf(decide(await seen({ cluster: undefined }))), 'wait ClusterNotFound')
    assert.equal(kindOf(decide(await seen({ trust: undefined }))), 'wait ClusterNotReady')
    assert.equal(kindOf(decide(await seen({ password: undefined }))), 'stalled PasswordMissing')
    assert.equal(
      kindOf(decide(await seen({ stage: current, records: undefined, unreachable: 'away' }))),
      'wait ServerUnreachable',
    )
    const elder = certificate({
      metadata: { name: 'elder', creationTimestamp: '2025-01-01T00:00:00Z' },
    })
    assert.equal(kindOf(decide(await seen({ rivals: [elder] }))), 'stalled Conflict')
  })
})

describe('decide() for a client certificate that is being deleted', () => {
  const going = () => resource({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } })

  test('revokes every live certificate, and lets go once the server knows none', async () => {
    const decision = decide(
      await seen({ resource: going(), use: current, records: [record(current)] }),
    )
    assert.deepEqual(decision, {
      kind: 'unregister',
      thumbprints: [current.certificate.thumbprint],
    })
    assert.deepEqual(decide(await seen({ resource: going(), use: current, records: [] })), {
      kind: 'release',
    })
  })

  test('waits for the server, but not for a cluster that goes as well', async () => {
    assert.equal(
      kindOf(decide(await seen({ resource: going(), use: current, records: undefined }))),
      'wait ServerUnreachable',
    )
    assert.equal(
      decide(
        await seen({ resource: going(), use: current, records: undefined, cluster: undefined }),
      ).kind,
      'release',
    )
    assert.equal(
      decide(
        await seen({
          resource: going(),
          use: current,
          records: undefined,
          isNamespaceEnding: true,
        }),
      ).kind,
      'release',
    )
  })

  test('holds on before it issues anything', async () => {
    assert.equal(decide(await seen({ resource: certificate() })).kind, 'hold')
  })
})

describe('decide() for a client certificate and what others may do to it', () => {
  test('writes the Secret anew when somebody took something out of it or put something else in', async () => {
    const whole = await seen({ use: current, records: [record(current)] })
    assert.equal(decide(whole).kind, 'ready')
    for (const key of ['client.pem', 'ca.crt', 'keystore.p12']) {
      const { [key]: _, ...others } = whole.target?.data ?? {}
      const target = { ...(whole.target as Secret), data: others }
      assert.deepEqual(decide({ ...whole, target }), { kind: 'publish', from: 'current' }, key)
    }
    const target = {
      ...(whole.target as Secret),
      data: { ...whole.target?.data, 'ca.crt': 'eA==' },
    }
    assert.equal(decide({ ...whole, target }).kind, 'publish')
  })

  test('neither uses nor deletes a Secret of somebody else under the name of the next key', async () => {
    for (const data of [{}, tlsData(next)]) {
      const staged = { ...secret('shop-next-key', {}), data }
      const decision = decide(await seen({ use: current, staged, records: [record(current)] }))
      assert.equal(decision.kind === 'stalled' && decision.reason, 'SecretOwnedByOther')
      const going = resource({ metadata: { deletionTimestamp: '2026-06-01T00:00:00Z' } })
      const leaving = await seen({ resource: going, use: current, staged })
      assert.equal(decide(leaving).kind, 'release')
    }
  })

  test('takes the staged key along when it goes, after both certificates left the server', async () => {
    const going = resource({ metadata: { deletionTimestamp: '2026-06-01T00:00:00Z' } })
    const both = { resource: going, use: current, stage: next }
    const known = await seen({ ...both, records: [record(current), record(next)] })
    assert.deepEqual(decide(known), {
      kind: 'unregister',
      thumbprints: [next.certificate.thumbprint, current.certificate.thumbprint],
    })
    assert.equal(decide(await seen({ ...both, records: [] })).kind, 'discard')
    const nothing = await seen({ resource: going, use: current, records: [] })
    assert.equal(decide(nothing).kind, 'release')
  })

  test('drops the oldest from the server before status would forget it', async () => {
    const notAfter = '2026-12-01T00:00:00Z'
    const superseded = Array.from({ length: 8 }, (_, index) => ({
      thumbprint: String(index).repeat(40),
      notAfter,
    }))
    const renamed = resource({ spec: { commonName: 'renamed' }, status: { superseded } })
    const oldest = { ...record(current), thumbprint: '0'.repeat(40) }
    const seenWith = (records: readonly CertificateState[] | undefined) =>
      seen({ resource: renamed, use: current, records })
    assert.deepEqual(decide(await seenWith([oldest, record(current)])), {
      kind: 'retire',
      thumbprint: '0'.repeat(40),
      why: '8 came after it',
    })
    assert.equal(decide(await seenWith([record(current)])).kind, 'stage')
    assert.equal(decide(await seenWith(undefined)).kind, 'wait', 'not without the server')
  })
})

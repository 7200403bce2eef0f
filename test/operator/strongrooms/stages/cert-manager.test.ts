import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { serverCertificate } from '#operator/cert-manager/desired.ts'
import type { CertManagerSeen } from '#operator/cert-manager/progress.ts'
import type { Secret } from '#operator/kube/secret.ts'
import { tlsData } from '#operator/kube/tls-secret.ts'
import type { Observed } from '#operator/strongrooms/observe.ts'
import { plan } from '#operator/strongrooms/plan.ts'
import { type Issued, issueServerCertificate, makeKeyPair } from '#shared/pki/issue.ts'
import { answered, ready, request } from '#test/support/cert-manager.ts'
import { authority, client, days } from '#test/support/certificates.ts'
import { secret, strongroom } from '#test/support/resources.ts'
import {
  findingOf,
  knownKeys,
  strongroomWorld,
  type World,
} from '#test/support/strongroom-world.ts'

const name = 'vault-cert-manager-tls'
const cluster = strongroom({
  spec: {
    tls: { server: { issuerRef: { group: 'cert-manager.io', kind: 'ClusterIssuer', name: 'ca' } } },
    exposure: { host: 'db.example.com' },
  },
  status: { masterKeys: knownKeys },
})
const asked = serverCertificate(cluster, {
  issuerRef: { group: 'cert-manager.io', kind: 'ClusterIssuer', name: 'ca' },
  dnsNames: ['db.example.com'],
})

let world: World
let theirs: Issued
before(async () => {
  world = await strongroomWorld()
  theirs = await issueServerCertificate(await authority('public'), {
    commonName: 'db.example.com',
    dnsNames: ['db.example.com'],
    ipAddresses: [],
    validity: days(90),
    keys: await makeKeyPair('p-256'),
  })
})

function seen(
  given: Partial<CertManagerSeen> & {
    readonly secret?: Secret
    readonly cluster?: Observed['cluster']
  } = {},
): Observed {
  const { secret: issued, cluster: other, ...certManager } = given
  return world.seen({
    cluster: other ?? cluster,
    certManager: { isPresent: true, certificate: undefined, requests: [], ...certManager },
    ...(issued === undefined ? {} : { secrets: new Map([...world.secrets, [name, issued]]) }),
  })
}

/** As cert-manager writes it. */
function issuedSecret(issued: Issued, annotations = asked.spec.secretTemplate.annotations): Secret {
  const { labels } = asked.spec.secretTemplate
  return { ...secret(name, {}, { labels, annotations }), data: tlsData(issued) }
}

/** What the plan would apply, take over and delete for the public certificate, and the condition. */
function summary(observed: Observed) {
  const planned = plan(observed)
  const applies = planned.steps.flatMap((step) => (step.kind === 'apply' ? [step] : []))
  const ofKind = (kind: string, children: (typeof applies)[number]['desired']) =>
    children.filter((child) => child.kind.kind === kind).map(({ object }) => object)
  const { status, reason, message = '' } = findingOf(planned, 'CertificatesReady') ?? {}
  return {
    asks: applies.flatMap(({ desired }) => ofKind('Certificate', desired)),
    deletes: applies
      .filter(({ desired }) => desired.length === 0)
      .flatMap(({ found }) =>
        found.map(({ kind, object }) => `${kind.kind} ${object.metadata.name}`),
      ),
    takes: planned.steps.flatMap((step) => (step.kind === 'take-over' ? [step] : [])),
    issues: planned.steps.some((step) => step.kind === 'issue' && step.purpose === 'public'),
    condition: `${status} ${reason}`,
    message,
  }
}

describe('plan() for a Strongroom: a certificate of cert-manager', () => {
  test('asks for the names of the cluster at the issuer that it names', () => {
    const { asks, issues, condition } = summary(seen())
    assert.deepEqual(asks, [asked])
    assert.ok(!issues)
    assert.equal(condition, 'False CertificateRequested')
  })

  test('asks nothing of a cert-manager that is not there or not seen yet, and serves on what it has', () => {
    for (const [isPresent, reason] of [
      [false, 'CertManagerMissing'],
      [undefined, 'CertManagerNotSeen'],
    ] as const) {
      const { asks, takes, issues, deletes, condition } = summary(seen({ isPresent }))
      assert.deepEqual([asks, takes, issues, deletes], [[], [], false, []])
      assert.equal(condition, `False ${reason}`)
    }
  })

  test("waits in cert-manager's own words until the Certificate is Ready", () => {
    const certificate = answered(
      asked,
      ready('False', { reason: 'DoesNotExist', message: 'none yet' }),
    )
    const requests = [
      request(name, 1, ready('False', { reason: 'Pending', message: 'issuer not found' })),
    ]
    const waiting = summary(seen({ certificate, requests, secret: issuedSecret(theirs) }))
    assert.deepEqual(waiting.takes, [])
    assert.equal(waiting.condition, 'False CertificateNotReady')
    assert.match(waiting.message, /ClusterIssuer "ca"\) is not Ready: Pending: issuer not found/)
  })

  test('takes over what is Ready, without ca.crt too, and only once', () => {
    const certificate = answered(asked, ready())
    const { takes, condition } = summary(seen({ certificate, secret: issuedSecret(theirs) }))
    assert.deepEqual(takes, [{ kind: 'take-over', from: name, data: tlsData(theirs) }])
    assert.equal(condition, 'True Issued')
    const secrets = new Map([
      ...world.secrets,
      [name, issuedSecret(theirs)] as const,
      ['vault-server-tls', { ...secret('vault-server-tls', {}), data: tlsData(theirs) }] as const,
    ])
    assert.deepEqual(summary({ ...seen({ certificate }), secrets }).takes, [])
  })

  test('says in status who gave what pods mount, until when, and when cert-manager renews it', () => {
    const tls = (issued: Issued) => ({ ...secret('vault-server-tls', {}), data: tlsData(issued) })
    const given = (issued: Issued, certificate = answered(asked, ready())) =>
      plan({
        ...seen({ certificate }),
        secrets: new Map([
          ...world.secrets,
          [name, issuedSecret(theirs)] as const,
          ['vault-server-tls', tls(issued)] as const,
        ]),
      }).status.publicCertificate
    const { sha256, notAfter } = theirs.certificate
    const found = given(theirs)
    assert.deepEqual(
      [found?.issuer, found?.sha256, found?.notAfter, found?.revision],
      ['ClusterIssuer/ca', sha256, new Date(notAfter).toISOString(), 1],
    )
    assert.ok(Date.parse(found?.renewAt ?? '') < notAfter)
    const renewalTime = '2026-02-03T04:05:06Z'
    const planned = { ...asked, status: { conditions: [ready()], renewalTime } }
    assert.equal(given(theirs, planned)?.renewAt, '2026-02-03T04:05:06.000Z')
    assert.equal(given(world.open), undefined)
  })

  test('takes over nothing that fails a check, nor a Secret that was made for somebody else', async () => {
    const certificate = answered(asked, ready())
    const forClients = issuedSecret(await client(await authority('public')))
    const elsewhere = issuedSecret(theirs, { 'strongroom.dev/source': 'Strongroom/other' })
    for (const [issued, reason] of [
      [forClients, 'WrongUsage'],
      [issuedSecret(world.open), 'NameNotCovered'],
      [elsewhere, 'SecretNotFound'],
    ] as const) {
      const { takes, condition } = summary(seen({ certificate, secret: issued }))
      assert.deepEqual([takes, condition], [[], `False ${reason}`])
    }
  })

  test('deletes Certificate and Secret, in this order, once another source is declared', () => {
    const other = strongroom({ status: { masterKeys: knownKeys } })
    const certificate = answered(asked, ready())
    const all = summary(seen({ cluster: other, certificate, secret: issuedSecret(theirs) }))
    assert.deepEqual(all.deletes, [`Certificate ${name}`, `Secret ${name}`])
    assert.deepEqual(summary(seen({ cluster: other })).deletes, [])
    const foreign = issuedSecret(theirs, { 'strongroom.dev/source': 'Strongroom/other' })
    assert.deepEqual(summary(seen({ cluster: other, secret: foreign })).deletes, [])
  })

  test('asks at Issuer where no kind is named', () => {
    const tls = { server: { issuerRef: { group: 'cert-manager.io', name: 'ca' } } } as const
    const { asks } = summary(
      seen({ cluster: strongroom({ spec: { tls }, status: { masterKeys: knownKeys } }) }),
    )
    assert.deepEqual(
      asks.map((object) => (object as typeof asked).spec.issuerRef.kind),
      ['Issuer'],
    )
  })
})

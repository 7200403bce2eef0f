import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { before, describe, test } from 'node:test'
import type { Secret } from '#operator/kube/secret.ts'
import { tlsData, tlsMaterial } from '#operator/kube/tls-secret.ts'
import type { Observed } from '#operator/strongrooms/observe.ts'
import { plan } from '#operator/strongrooms/plan.ts'
import { userCertificateFinding } from '#operator/strongrooms/stages/user-certificate.ts'
import { readServerCertificate } from '#server/tls/server-certificate.ts'
import { type Issued, issueServerCertificate, makeKeyPair } from '#shared/pki/issue.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import { authority, client, days, year2026 } from '#test/support/certificates.ts'
import { handmade } from '#test/support/handmade-certificates.ts'
import { secret, strongroom } from '#test/support/resources.ts'
import {
  findingOf,
  kindsOf,
  knownKeys,
  strongroomWorld,
  type World,
} from '#test/support/strongroom-world.ts'

let world: World
before(async () => {
  world = await strongroomWorld()
})

describe("plan() for a Strongroom: a user's certificate", () => {
  const cluster = strongroom({
    spec: { tls: { server: { secretRef: { name: 'mine' } } } },
    status: { masterKeys: knownKeys },
  })

  test('takes it over once every check passed, and only once', async () => {
    const mine = await issueServerCertificate(await authority('public'), {
      commonName: 'v',
      dnsNames: ['v.example.com'],
      ipAddresses: [],
      validity: days(90),
      keys: await makeKeyPair('p-256'),
    })
    const userTls: Secret = { ...secret('mine', {}), data: tlsData(mine) }
    const planned = plan(world.seen({ cluster, userTls }))
    const step = planned.steps.find(({ kind }) => kind === 'take-over')
    assert.deepEqual(step?.kind === 'take-over' && step.data, userTls.data)
    const taken = new Map([
      ...world.secrets,
      ['vault-server-tls', { ...secret('vault-server-tls', {}), data: tlsData(mine) }],
    ])
    assert.ok(
      !kindsOf(plan(world.seen({ cluster, userTls, secrets: taken }))).includes('take-over'),
    )
  })

  test('leaves what is served as it is when the Secret is missing, broken, expired or for another host, and says why', async () => {
    const signer = await authority('public')
    const leaf = async (given: {
      readonly dnsNames?: string[]
      readonly validity?: ReturnType<typeof days>
    }): Promise<Issued> =>
      issueServerCertificate(signer, {
        commonName: 'v',
        dnsNames: given.dnsNames ?? ['v.example.com'],
        ipAddresses: [],
        validity: given.validity ?? days(90),
        keys: await makeKeyPair('p-256'),
      })
    const [good, other] = [await leaf({}), await leaf({})]
    const mixed = { ...tlsData(good), 'tls.key': tlsData(other)['tls.key'] ?? '' }
    const exposed = strongroom({
      spec: { ...cluster.spec, exposure: { host: 'vault.example.com' } },
      status: { masterKeys: knownKeys },
    })
    const day = 24 * 60 * 60 * 1000
    const cases: [Observed['cluster'], Secret | undefined, string][] = [
      [cluster, undefined, 'SecretNotFound'],
      [cluster, secret('mine', { 'tls.crt': 'nonsense', 'tls.key': 'nonsense' }), 'SecretInvalid'],
      [cluster, { ...secret('mine', {}), data: mixed }, 'KeyMismatch'],
      [
        cluster,
        {
          ...secret('mine', {}),
          data: tlsData(
            await leaf({ validity: { notBefore: year2026 - 9 * day, notAfter: year2026 - day } }),
          ),
        },
        'CertificateExpired',
      ],
      [
        cluster,
        {
          ...secret('mine', {}),
          data: tlsData(
            await leaf({ validity: { notBefore: year2026 + day, notAfter: year2026 + 9 * day } }),
          ),
        },
        'CertificateNotYetValid',
      ],
      [cluster, { ...secret('mine', {}), data: tlsData(await client(signer)) }, 'WrongUsage'],
      [exposed, { ...secret('mine', {}), data: tlsData(good) }, 'NameNotCovered'],
    ]
    for (const [resource, userTls, reason] of cases) {
      const planned = plan(world.seen({ cluster: resource, userTls }))
      assert.deepEqual(
        [
          findingOf(planned, 'CertificatesReady')?.status,
          findingOf(planned, 'CertificatesReady')?.reason,
        ],
        ['False', reason],
      )
      assert.ok(
        !kindsOf(planned).includes('take-over') && !kindsOf(planned).includes('issue'),
        reason,
      )
    }
  })

  test('accepts a wildcard for exactly one label', async () => {
    const wild = await issueServerCertificate(await authority('public'), {
      commonName: 'v',
      dnsNames: ['*.example.com'],
      ipAddresses: [],
      validity: days(90),
      keys: await makeKeyPair('p-256'),
    })
    const userTls: Secret = { ...secret('mine', {}), data: tlsData(wild) }
    for (const [host, expected] of [
      ['vault.example.com', true],
      ['a.vault.example.com', false],
      ['example.com', false],
    ] as const) {
      const exposed = strongroom({
        spec: { ...cluster.spec, exposure: { host } },
        status: { masterKeys: knownKeys },
      })
      assert.equal(
        kindsOf(plan(world.seen({ cluster: exposed, userTls }))).includes('take-over'),
        expected,
        host,
      )
    }
  })
})

test('userCertificateFinding() and the server agree on which hosts a certificate covers', async () => {
  const signer = await authority('public')
  const keys = await makeKeyPair('p-256')
  const hosts = [
    'a.example',
    'b.a.example',
    'c.b.a.example',
    'A.Example.',
    'example',
    '192.0.2.1',
    '::1',
  ]
  const patterns = [
    'a.example',
    '*.a.example',
    'B.A.example.',
    '*.example',
    'a.example.evil',
    '192.0.2.1',
  ]
  for (const dnsName of [...patterns, '*.b.a.example', 'x.y']) {
    const leaf = await issueServerCertificate(signer, {
      ...{ commonName: 'b.a.example', dnsNames: [dnsName], ipAddresses: ['::1'] },
      ...{ validity: days(90), keys },
    })
    const found = tlsMaterial({ ...secret('mine', {}), data: tlsData(leaf) }, 'mine')
    const bytes = Buffer.from(certificatePem(leaf.certificate) + privateKeyPem(leaf.privateKey))
    for (const host of hosts) {
      const cluster = strongroom({ spec: { exposure: { host } } })
      const finding = userCertificateFinding({ found, name: 'mine', cluster, nowMs: year2026 })
      const served = await readServerCertificate(
        { origin: 'mine', bytes, password: undefined },
        { hosts: [host], now: year2026 },
      ).catch((error: unknown) => String(error))
      assert.equal(
        finding === undefined,
        typeof served !== 'string',
        `${dnsName} for ${host}: ${served}`,
      )
    }
  }
})

test('userCertificateFinding() refuses a key that no client can use', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
  const key = publicKey.export({ type: 'spki', format: 'der' })
  const crt = certificatePem({ der: handmade(await makeKeyPair('p-256'), { key }) })
  const mine = secret('mine', { 'tls.crt': crt, 'tls.key': privateKeyPem(privateKey) })
  const found = tlsMaterial(mine, 'mine')
  const finding = userCertificateFinding({
    found,
    name: 'mine',
    cluster: strongroom(),
    nowMs: year2026,
  })
  assert.equal(finding?.reason, 'KeyUnusable')
})

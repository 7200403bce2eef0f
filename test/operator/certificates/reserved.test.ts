import assert from 'node:assert/strict'
import { test } from 'node:test'
import { names } from '#operator/api/names.ts'
import { reservedBy } from '#operator/certificates/reserved.ts'
import type { Kind, KubeObject } from '#operator/kube/kube.ts'
import { caIssuer, certificate, database, issuer, strongroom } from '#test/support/resources.ts'

const tls = { server: { secretRef: { name: 'my-tls' } } }
const encryption = { masterKey: { secretRef: { name: 'my-key' } } }
const there: readonly KubeObject[] = [
  strongroom({ spec: { tls, encryption } }),
  database(),
  certificate({ metadata: { name: 'other' } }),
  issuer({ acme: { accountKeySecretRef: { name: 'my-account' } } }),
  caIssuer(),
]
const cache = { list: ({ kind }: Kind) => there.filter((one) => one.kind === kind) } as never

const by = (secretName: string) => reservedBy(cache, certificate({ spec: { secretName } }))

test('reservedBy() names the resource that keeps a Secret, whether it is there yet or not', () => {
  const own = ['trust', 'admins', 'serverTls', 'internalTls', 'issuedTls', 'masterKey'] as const
  const more = [
    'clientAuthority',
    'serverAuthority',
    'operatorCertificate',
    'certManagerTls',
  ] as const
  for (const which of [...own, ...more, 'nextServerKey'] as const)
    assert.equal(by(names[which]('vault')), 'Strongroom/vault', which)
  for (const [name, owner] of [
    ['my-tls', 'Strongroom/vault'],
    ['my-key', 'Strongroom/vault'],
    ['orders-database-key', 'StrongroomDatabase/orders'],
    ['other-next-key', 'StrongroomCertificate/other'],
    ['other-cert-manager-client', 'StrongroomCertificate/other'],
    ['public-account', 'StrongroomIssuer/public'],
    ['public-next-account', 'StrongroomIssuer/public'],
    ['my-account', 'StrongroomIssuer/public'],
    ['private-ca', 'StrongroomIssuer/private'],
  ] as const)
    assert.equal(by(name), owner, name)
})

test('reservedBy() leaves every other name', () => {
  for (const name of ['shop-tls', 'vault-tls', 'other-server-tls'])
    assert.equal(by(name), undefined)
})

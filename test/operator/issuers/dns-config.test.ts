import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dnsConfig, dnsSecretKeys } from '#operator/issuers/dns-config.ts'

const at = (key: string) => ({ name: 'all', key })

test('dnsConfig() carries over every setting', () => {
  const check = { mode: 'Recursive' as const, nameservers: ['192.0.2.53'] }
  const own = { server: 'ns:53', zone: 'z', keyName: 'k', algorithm: 'hmac-sha512' } as const
  const update = { ...own, keySecretRef: at('tsig') }
  assert.deepEqual(dnsConfig({ cnameStrategy: 'Follow', check, rfc2136: update }, undefined), {
    cnameStrategy: 'Follow',
    check: 'Recursive',
    nameservers: ['192.0.2.53'],
    rfc2136: { server: 'ns:53', zone: 'z', tsigKeyName: 'k', tsigAlgorithm: 'hmac-sha512' },
  })
  const server = { server: 'https://d', caBundle: 'PEM', accountSecretRef: at('accounts') }
  assert.deepEqual(dnsConfig({ acmeDns: server }, undefined), {
    acmeDns: { url: 'https://d', caBundle: 'PEM' },
  })
  const token = { apiTokenSecretRef: at('token') }
  assert.deepEqual(dnsConfig({ cloudflare: { zoneId: 'a', ...token } }, undefined), {
    cloudflare: { zoneId: 'a' },
  })
  const keys = { accessKeyIdSecretRef: at('id'), secretAccessKeySecretRef: at('secret') }
  assert.deepEqual(dnsConfig({ route53: { region: 'r', hostedZoneId: 'Z', ...keys } }, 'AKIA'), {
    route53: { accessKeyId: 'AKIA', region: 'r', hostedZoneId: 'Z' },
  })
  const hook = { url: 'https://h', authentication: 'Bearer', tokenSecretRef: at('token') } as const
  assert.deepEqual(dnsConfig({ webhook: hook }, undefined), {
    webhook: { url: 'https://h', authentication: 'Bearer' },
  })
})

test('dnsSecretKeys() names what each provider needs, and nothing of the others', () => {
  const keys = { accessKeyIdSecretRef: at('id'), secretAccessKeySecretRef: at('secret') }
  assert.deepEqual(dnsSecretKeys({ route53: keys }), [
    ['awsAccessKeyId', at('id')],
    ['awsSecretAccessKey', at('secret')],
  ])
  assert.deepEqual(dnsSecretKeys({ cloudflare: { apiTokenSecretRef: at('token') } }), [
    ['cloudflareToken', at('token')],
  ])
  assert.deepEqual(dnsSecretKeys({}), [])
})

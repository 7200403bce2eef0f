import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { load } from 'js-yaml'
import { customResourceDefinition } from '#operator/api/crd.ts'
import { type StrongroomIssuer, strongroomIssuers } from '#operator/api/issuer.ts'
import { schemaTrouble } from '#operator/api/kind.ts'
import { fieldValueTests } from '#test/support/field-values.ts'

fieldValueTests('StrongroomIssuer', (path) => !path.includes('.solvers.'))

const examples = join(import.meta.dirname, '../../../examples')

test('strongroomIssuers takes every example', () => {
  const files = readdirSync(examples).filter((name) => name.startsWith('issuer-'))
  assert.equal(files.length, 4)
  for (const file of files) {
    const issuer = load(readFileSync(join(examples, file), 'utf8')) as StrongroomIssuer
    assert.equal(schemaTrouble(strongroomIssuers, issuer), undefined, file)
    assert.ok((issuer.spec.acme === undefined) !== (issuer.spec.ca === undefined), file)
  }
})

test('strongroomIssuers refuses addresses that are not HTTPS, hold a password or are no mailbox', () => {
  const server = 'https://ca.example/directory'
  const cases: readonly [Readonly<Record<string, unknown>>, RegExp][] = [
    [{ server: 'http://ca.example/directory' }, /^\/spec\/acme\/server /],
    [{ server: 'https://user:word@ca.example/' }, /^\/spec\/acme\/server /],
    [{ server, email: 'a@b,c@d' }, /^\/spec\/acme\/email /],
    [{ server, solvers: [] }, /^\/spec\/acme\/solvers /],
    [{ server, solvers: [{ selector: { dnsZones: ['*.a.example'] } }] }, /dnsZones\/0 /],
    [{ server, solvers: [{ dns01: { cloudflare: {} } }] }, /cloudflare must have/],
  ]
  for (const [acme, expected] of cases) {
    const spec = { acme: { solvers: [{ tlsAlpn01: {} }], ...acme } }
    const issuer = { ...named, spec } as unknown as StrongroomIssuer
    assert.match(schemaTrouble(strongroomIssuers, issuer) ?? 'nothing', expected)
  }
})

const named = {
  apiVersion: 'strongroom.dev/v1alpha1',
  kind: 'StrongroomIssuer',
  metadata: { name: 'a', namespace: 'shop' },
}

test('strongroomIssuers leaves it to the API server that exactly one is named', () => {
  const text = JSON.stringify(customResourceDefinition(strongroomIssuers))
  for (const rule of [
    '[has(self.acme), has(self.ca)].filter(x, x).size() == 1',
    '[has(s.http01), has(s.tlsAlpn01), has(s.dns01)].filter(x, x).size() == 1',
    '[has(s.dns01.rfc2136), has(s.dns01.acmeDns), has(s.dns01.cloudflare), has(s.dns01.route53), has(s.dns01.webhook)].filter(x, x).size() == 1',
  ])
    assert.ok(text.includes(rule), rule)
})

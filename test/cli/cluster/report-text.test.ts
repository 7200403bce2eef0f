import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reportOf } from '#cli/cluster/report.ts'
import { reportText } from '#cli/cluster/report-text.ts'
import { clientCertificate, cluster, issuer, nowMs, ready, sha256 } from './scene.ts'

test('reportText() shows on one screen what is served, what is ordered and why it fails', () => {
  const report = reportOf({
    strongrooms: [cluster()],
    certificates: [clientCertificate],
    issuers: [issuer],
  })
  assert.equal(
    reportText(report, nowMs),
    `Strongroom shop/vault
  Ready         False OrderFailed: The order fails
  URL           https://vault.shop.svc:8443
  Image         strongroom:1
  Issuer        StrongroomIssuer letsencrypt
  Expires       2026-06-30T00:00:00Z (in 29 d)
  Renews        2026-05-31T00:00:00Z (24 h ago)
  SHA-256       ${sha256}
  Serves        served by every member
  Order         pending, 2 failed before
    at          https://ca.test/order/7
    proves      db.example.com dns-01 pending
    proves      unread
    problem     db.example.com, dns-01 by rfc2136: dns: DNS problem: NXDOMAIN looking up TXT
    goes on     2026-06-01T00:05:00Z (in 5 min)
  Member        vault-0 ready 0.1.0
    public      ${sha256} until 2026-06-30T00:00:00Z (in 29 d)
    internal    ${'ee'.repeat(32)} until 2026-07-30T00:00:00Z (in 59 d)
    since       2026-05-02T00:00:00Z (30 d ago)
  Master key    first 0123456789abcdef
  CertificatesReady OrderFailed: The order fails

StrongroomCertificate shop/app
  Ready         True
  Strongroom    vault
  Secret        app-tls
  Expires       2026-08-01T00:00:00Z (in 61 d)
  Renews        2026-07-01T00:00:00Z (in 30 d)
  Thumbprint    ${'AA'.repeat(20)}

StrongroomIssuer shop/letsencrypt
  Ready         False AccountRefused: The CA wants an account of its own
  Type          acme
  Server        https://ca.test/directory
  Account       https://ca.test/account/3
`,
  )
})

test('reportText() leaves out what is not there', () => {
  const report = reportOf({
    strongrooms: [cluster({ selfSigned: {} }, {})],
    certificates: [],
    issuers: [],
  })
  assert.equal(
    reportText(report, nowMs),
    'Strongroom shop/vault\n  Ready         Unknown\n  Issuer        selfSigned\n',
  )
})

test('reportText() says where a member serves another certificate than the issued one', () => {
  const status = { ...ready, members: [{ name: 'vault-0', ready: false }] }
  const issuedButNotServed = { ...cluster().status, ...status }
  const report = reportOf({
    strongrooms: [cluster(undefined, issuedButNotServed)],
    certificates: [],
    issuers: [],
  })
  assert.match(reportText(report, nowMs), /Serves +not served by every member\n/)
  assert.match(reportText(report, nowMs), /Member +vault-0 not ready\n/)
})

test('reportText() says that nothing is there', () => {
  assert.equal(
    reportText(reportOf({ strongrooms: [], certificates: [], issuers: [] }), nowMs),
    'No Strongroom is here.\n',
  )
})

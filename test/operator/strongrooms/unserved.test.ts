import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isFalse, isTrue } from '#operator/kube/conditions.ts'
import { plan } from '#operator/strongrooms/plan.ts'
import { untilDialed, untilWritten } from '#operator/strongrooms/unserved.ts'
import { findingOf, strongroomWorld } from '#test/support/strongroom-world.ts'

const served = isTrue('CertificatesServed', 'Served', '')
const others = isTrue('MembersHealthy', 'AllReady', '')
const certificate = { issuer: 'i', sha256: 'new', notAfter: '', renewAt: '', revision: 2 }

const serving = (name: string, sha256: string) => ({
  ...{ name, ready: true },
  serves: { public: { sha256, notAfter: '' } },
})

test('untilDialed() believes that members serve a certificate once each was seen with it', () => {
  const after = (...members: ReturnType<typeof serving>[]) =>
    untilDialed([others, served], { certificate, members, cluster: 'vault' })
  assert.deepEqual(after(serving('vault-0', 'new')), [others, served])
  const [first, second] = after(serving('vault-0', 'new'), serving('vault-1', 'old'))
  assert.deepEqual(first, others)
  assert.deepEqual([second?.status, second?.reason], ['False', 'NotServedYet'])
  assert.match(second?.message ?? '', /^vault-1 .* "vault-server-tls" yet/)
  const silent = untilDialed([served], {
    ...{ certificate, cluster: 'vault' },
    members: [{ name: 'vault-0', ready: true }],
  })
  assert.equal(silent[0]?.reason, 'NotServedYet')
})

test('untilDialed() leaves what failed before, and what no issuer gave', () => {
  const failed = isFalse('CertificatesServed', 'NotServedYet', 'its own words')
  const members = [serving('vault-0', 'old')]
  const cluster = 'vault'
  assert.deepEqual(untilDialed([failed], { certificate, members, cluster }), [failed])
  assert.deepEqual(untilDialed([served], { certificate: undefined, members, cluster }), [served])
})

test('untilWritten() holds back the word while another certificate is being written', async () => {
  const world = await strongroomWorld()
  const settled = plan(world.seen())
  assert.equal(findingOf(settled, 'CertificatesServed')?.status, 'True')
  const nowMs = world.open.certificate.notAfter - 86_400_000
  const renewing = plan(world.seen({ nowMs }))
  assert.ok(renewing.steps.some(({ kind }) => kind === 'issue'))
  assert.equal(findingOf(renewing, 'CertificatesServed')?.reason, 'NotServedYet')
  const apply = { kind: 'apply', desired: [], found: [] } as const
  assert.deepEqual(untilWritten([served], [apply]), [served])
  const taken = { kind: 'take-over', from: 'public', data: {} } as const
  assert.equal(untilWritten([served], [taken])[0]?.reason, 'NotServedYet')
})

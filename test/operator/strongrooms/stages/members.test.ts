import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Pod } from '#operator/admin/endpoint.ts'
import type { Member } from '#operator/strongrooms/observe.ts'
import { membersStage } from '#operator/strongrooms/stages/members.ts'
import { strongroomWorld, type World } from '#test/support/strongroom-world.ts'

let world: World
before(async () => {
  world = await strongroomWorld()
})

function staged(given: Partial<Member> = {}) {
  const observed = world.seen()
  return membersStage({ ...observed, members: [world.member(observed, given)] })
}

function withPod(status: Pod['status']) {
  const { pod } = world.member(world.seen())
  return staged({ pod: { ...pod, ...(status === undefined ? {} : { status }) } })
}

test('membersStage() shows each member with what it serves and since when', () => {
  const { status, halt } = staged()
  assert.equal(halt, undefined)
  const [member] = status?.members ?? []
  assert.deepEqual([member?.name, member?.ready, member?.version], ['vault-0', true, '0.1.0'])
  assert.equal(member?.servesSince, '2026-01-01T00:00:00.000Z')
  const observed = world.seen()
  const known = { ...observed.cluster, status: { ...observed.cluster.status, ...status } }
  const later = membersStage({ ...observed, cluster: known, nowMs: observed.nowMs + 5_000 })
  assert.equal(later.status?.members?.[0]?.servesSince, '2026-01-01T00:00:00.000Z')
})

test('membersStage() passes on what the pod itself says of why it does not run', () => {
  const ended = {
    terminated: { message: 'first line\nCannot start: the key is wrong\n', exitCode: 1 },
  }
  const cases: readonly [Pod['status'], RegExp][] = [
    [{ phase: 'Pending' }, /vault-0 is Pending$/],
    [{}, /vault-0 is not scheduled$/],
    [
      {
        containerStatuses: [
          { name: 'server', state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: ended },
        ],
      },
      /vault-0: CrashLoopBackOff: Cannot start: the key is wrong$/,
    ],
  ]
  for (const [status, message] of cases) {
    const { halt, findings } = withPod(status)
    assert.deepEqual([halt?.kind, halt?.reason], ['working', 'AwaitingMembers'])
    assert.match(halt?.message ?? '', message)
    assert.equal(findings[0]?.status, 'False')
  }
})

test('membersStage() stalls on what keeps a pod from running, with what to do about it', () => {
  const waiting = { reason: 'ImagePullBackOff', message: 'no such image' }
  const pulled = withPod({ containerStatuses: [{ name: 'server', state: { waiting } }] })
  assert.deepEqual([pulled.halt?.kind, pulled.halt?.reason], ['stalled', 'ImageNotPulled'])
  assert.equal(pulled.halt?.isOfMembers, true)
  assert.match(pulled.halt?.message ?? '', /no such image\. Correct spec\.image, or take it out/)
  assert.equal(pulled.findings[0]?.type, 'MembersHealthy')
  const podRefusal = 'pods "vault-0" is forbidden: no PriorityClass with name high was found'
  const refused = membersStage({ ...world.seen(), members: [], podRefusal })
  assert.deepEqual([refused.halt?.kind, refused.halt?.reason], ['stalled', 'PodRefused'])
  assert.match(refused.halt?.message ?? '', /no PriorityClass .* found\. Change what spec\.pod/)
  assert.equal(membersStage({ ...world.seen(), podRefusal }).halt, undefined, 'the pod is there')
})

test('membersStage() looks again only where no event tells that members came', () => {
  assert.equal(withPod({ phase: 'Pending' }).halt?.isTold, true)
  const none = membersStage({ ...world.seen(), members: [] })
  assert.equal(none.halt?.isTold, true)
  const silent = staged({ state: undefined, unreachable: 'no answer' })
  assert.equal(silent.halt?.isTold, false)
})

test('membersStage() takes no member for ready that does not answer its own operator', () => {
  const { halt, status } = staged({ state: undefined, unreachable: 'certificate has expired' })
  assert.equal(status?.ready, '0/1')
  assert.match(halt?.message ?? '', /vault-0: certificate has expired$/)
})

test('membersStage() says who does not serve what it should, and why', () => {
  const { findings, halt } = staged({ public: { failure: 'certificate has expired' } })
  const served = findings.find(({ type }) => type === 'CertificatesServed')
  assert.deepEqual([served?.status, served?.reason, halt], ['False', 'NotServedYet', undefined])
  assert.match(
    served?.message ?? '',
    /public certificate of Secret "vault-server-tls" yet: certificate has expired$/,
  )
  const old = staged({ internal: { certificate: world.open.certificate } })
  assert.match(
    old.findings.at(-1)?.message ?? '',
    /internal certificate .* it still serves an earlier one$/,
  )
})

test('membersStage() says that a certificate has ended, and not that it is about to be served', () => {
  const observed = world.seen({ nowMs: world.seen().nowMs + 100 * 86_400_000 })
  const member = world.member(observed, { public: { failure: 'certificate has expired' } })
  const { findings } = membersStage({ ...observed, members: [member] })
  const served = findings?.find(({ type }) => type === 'CertificatesServed')
  assert.deepEqual([served?.status, served?.reason], ['False', 'CertificateExpired'])
  assert.match(
    served?.message ?? '',
    /^The public certificate in Secret "vault-server-tls" ended at /,
  )
})

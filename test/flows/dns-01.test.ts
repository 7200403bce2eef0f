/** DNS-01 against Knot, a real DNS server: signed updates, delegation, and what its name servers show. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { DnsSolverConfig, Rfc2136Config } from '#shared/acme/dns/configuration.ts'
import { dnsSolver } from '#shared/acme/dns/dns-solver.ts'
import type { Challenge, Solver } from '#shared/acme/solver.ts'
import { type AcmeLab, acmeLab } from '#test/support/acme-lab/acme-lab.ts'

const signal = new AbortController().signal

function challenge(name: string, token: string): Challenge {
  return { type: 'dns-01', name, token, keyAuthorization: `${token}.thumbprint` }
}

interface Differences {
  readonly update?: Partial<Rfc2136Config>
  readonly solver?: DnsSolverConfig
  readonly tsigSecret?: string
  readonly clockAheadMs?: number
}

/** A solver for the lab's zones, right in all but what is given. */
function solverOf({ dns }: AcmeLab, differences: Differences = {}): Solver {
  const { update, solver, clockAheadMs = 0, tsigSecret = dns.tsigKey.secret } = differences
  const rfc2136 = { server: dns.address, tsigKeyName: dns.tsigKey.name, ...update }
  return dnsSolver(
    { rfc2136, nameservers: [dns.address], ...solver },
    { tsigSecret },
    { clock: { now: () => Date.now() + clockAheadMs }, authoritativePort: dns.port },
  )
}

async function refusal(solver: Solver): Promise<string> {
  const error: Error & { code?: string } = await solver
    .present(challenge('db.lab.test', 'refused'), signal)
    .then(
      () => assert.fail('it was not refused'),
      (thrown) => thrown,
    )
  assert.equal(error.code, 'DnsUpdateFailed')
  return error.message
}

test('dnsSolver() against Knot', async (t: TestContext) => {
  await using lab = await acmeLab()
  const { dns } = lab
  const apex = challenge('db.lab.test', 'apex')
  const wildcard = challenge('db.lab.test', 'wildcard')
  const name = '_acme-challenge.db.lab.test'

  await t.test('puts a value that its name servers show, and takes it away again', async () => {
    const solver = solverOf(lab)
    assert.match((await solver.check(apex, signal)) ?? '', /ns\.lab\.test: .* has no TXT record/)
    await solver.present(apex, signal)
    await solver.present(apex, signal)
    assert.equal(await solver.check(apex, signal), undefined)
    assert.equal((await dns.txt(name)).length, 1)
    await solver.cleanUp(apex, signal)
    await solver.cleanUp(apex, signal)
    assert.deepEqual(await dns.txt(name), [])
  })

  await t.test(
    'puts wildcard and apex side by side at once, and removes each by itself',
    async () => {
      const solver = solverOf(lab)
      await Promise.all([solver.present(apex, signal), solver.present(wildcard, signal)])
      assert.equal((await dns.txt(name)).length, 2)
      assert.equal(await solver.check(apex, signal), undefined)
      assert.equal(await solver.check(wildcard, signal), undefined)
      await solver.cleanUp(apex, signal)
      assert.match((await solver.check(apex, signal)) ?? '', /has 1 TXT of other values/)
      assert.equal(await solver.check(wildcard, signal), undefined)
      await solver.cleanUp(wildcard, signal)
    },
  )

  await t.test('follows a CNAME into another zone', async () => {
    await dns.setAlias('_acme-challenge.away.lab.test', 'challenges.other.test')
    const away = challenge('away.lab.test', 'away')
    const follow = solverOf(lab, { solver: { cnameStrategy: 'Follow' } })
    await follow.present(away, signal)
    assert.equal((await dns.txt('challenges.other.test')).length, 1)
    assert.equal(await follow.check(away, signal), undefined)
    await follow.cleanUp(away, signal)
    assert.deepEqual(await dns.txt('challenges.other.test'), [])
    const reason = await solverOf(lab).check(away, signal)
    assert.match(reason ?? '', /which leads to challenges\.other\.test, is not shown/)
  })

  await t.test('refuses CNAMEs that go in a circle', async () => {
    await dns.setAlias('_acme-challenge.round.lab.test', 'round.other.test')
    await dns.setAlias('round.other.test', '_acme-challenge.round.lab.test')
    const follow = solverOf(lab, { solver: { cnameStrategy: 'Follow' } })
    const round = challenge('round.lab.test', 'round')
    await assert.rejects(follow.present(round, signal), { code: 'DnsDelegationEndless' })
  })

  await t.test('says what is wrong with key, secret, clock and zone', async () => {
    const otherSecret = Buffer.alloc(32, 1).toString('base64')
    const hour = 3_600_000
    const cases: readonly (readonly [Differences, RegExp])[] = [
      [
        { update: { tsigKeyName: 'stranger' } },
        /no TSIG key of this name and algorithm \(BADKEY\)/,
      ],
      [{ update: { tsigAlgorithm: 'hmac-sha512' } }, /\(BADKEY\)/],
      [{ tsigSecret: otherSecret }, /signature is wrong \(BADSIG\).* Copy the base64 secret/],
      [
        { clockAheadMs: hour },
        /\(BADTIME\): its clock is 3[56]\d\d s behind ours\. Set the clocks/,
      ],
      [{ clockAheadMs: -hour }, /\(BADTIME\): its clock is 3[56]\d\d s ahead of ours/],
      [{ update: { zone: 'stranger.test' } }, /\(NOTAUTH\)/],
    ]
    for (const [differences, expected] of cases) {
      const message = await refusal(solverOf(lab, differences))
      assert.match(message, expected)
      assert.ok(!message.includes(dns.tsigKey.secret) && !message.includes(otherSecret))
    }
    const unsigned = dnsSolver(
      { rfc2136: { server: dns.address }, nameservers: [dns.address] },
      {},
      { clock: { now: () => Date.now() } },
    )
    assert.match(await refusal(unsigned), /the update must be signed/)
    assert.deepEqual(await dns.txt(name), [])
  })

  await t.test('fails while the DNS server is down, and goes on when it is back', async () => {
    const solver = solverOf(lab)
    await dns.stop()
    assert.match(await refusal(solver), /ECONNREFUSED.* Check that the server runs/)
    await assert.rejects(solver.check(apex, signal), { code: 'DnsLookupFailed' })
    await dns.start()
    await solver.present(apex, signal)
    assert.equal(await solver.check(apex, signal), undefined)
    await solver.cleanUp(apex, signal)
  })

  await t.test(
    'asks the given nameservers alone where it is told to, and nobody where not',
    async () => {
      const recursive = solverOf(lab, { solver: { check: 'Recursive' } })
      assert.match((await recursive.check(apex, signal)) ?? '', /has no TXT record/)
      await recursive.present(apex, signal)
      assert.equal(await recursive.check(apex, signal), undefined)
      await recursive.cleanUp(apex, signal)
      assert.equal(
        await solverOf(lab, { solver: { check: 'None' } }).check(apex, signal),
        undefined,
      )
    },
  )
})

/** A zone with two real name servers, one of which lags behind, as secondaries do for seconds or hours. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dnsSolver } from '#shared/acme/dns/dns-solver.ts'
import { knotPair } from '#test/support/acme-lab/knot-pair.ts'

test('dnsSolver() lets the CA look only when the secondary shows the value too', async () => {
  await using pair = await knotPair()
  const solver = dnsSolver(
    {
      rfc2136: { server: pair.primary, tsigKeyName: pair.tsigKey.name },
      nameservers: [pair.primary],
    },
    { tsigSecret: pair.tsigKey.secret },
    { clock: { now: () => Date.now() }, authoritativePort: pair.port },
  )
  const signal = new AbortController().signal
  const challenge = {
    type: 'dns-01',
    name: `db.${pair.zone}`,
    token: 'token',
    keyAuthorization: 'token.thumbprint',
  } as const
  const reason = () => solver.check(challenge, signal)
  await solver.present(challenge, signal)
  assert.equal(
    await reason(),
    `the value at _acme-challenge.db.${pair.zone} is not shown by all servers yet: ` +
      `ns2.${pair.zone}: ${pair.secondary} has no TXT record`,
  )
  await pair.catchUp()
  assert.equal(await reason(), undefined)
  await solver.cleanUp(challenge, signal)
  assert.match((await reason()) ?? '', /yet: ns1\.pair\.test: [\d.:]+ has no TXT record$/)
})

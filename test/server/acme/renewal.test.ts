import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Renewal } from '#server/acme/renewal.ts'
import type { RenewalInfo } from '#shared/acme/acme-api.ts'
import type { RenewalState } from '#shared/acme/renewal-state.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import { renewAt } from '#shared/pki/renewal.ts'
import * as certificates from '#test/support/certificates.ts'

const never = new AbortController().signal
const day = 24 * 3_600_000

/** A CA that says what it is told to, or has no ARI where it is told nothing. */
async function scene(says?: RenewalInfo) {
  const { certificate } = await certificates.server(await certificates.authority())
  const ca = { says, asked: 0 }
  const time = { now: certificates.year2026 }
  const kept: { state?: RenewalState } = {}
  const make = () =>
    new Renewal({
      api: {
        renewalInfo: async () => {
          ca.asked += 1
          return ca.says
        },
      },
      files: {
        renewal: async () => kept.state,
        keepRenewal: async (state) => {
          kept.state = state
        },
      },
      clock: { now: () => time.now },
      random: () => 0.5,
    })
  return { certificate, ca, time, make }
}

const spread = ({ notBefore, notAfter }: Certificate) => (notAfter - notBefore) / 20

test('Renewal comes when two thirds of the life are over, and up to a twentieth later, always at the same time', async () => {
  const { certificate, make } = await scene()
  const plan = await make().plan(certificate, never)
  const late = plan.renewAt - renewAt(certificate)
  assert.ok(late >= 0 && late <= spread(certificate), `${late}`)
  assert.deepEqual(await make().plan(certificate, never), plan)
})

test('Renewal comes when the CA says, at a moment that is chosen once', async () => {
  const [start, end] = [certificates.year2026 + 10 * day, certificates.year2026 + 20 * day]
  const { certificate, ca, time, make } = await scene({ start, end })
  const plan = await make().plan(certificate, never)
  assert.equal(plan.renewAt, certificates.year2026 + 15 * day)
  assert.ok(plan.againAt <= plan.renewAt)
  assert.deepEqual(await make().plan(certificate, never), plan)
  assert.equal(ca.asked, 1)
  time.now = plan.againAt
  assert.equal((await make().plan(certificate, never)).renewAt, plan.renewAt)
  assert.equal(ca.asked, 2)
})

test('Renewal is now where the CA changes its mind', async () => {
  const [start, end] = [certificates.year2026 + 100 * day, certificates.year2026 + 101 * day]
  const { certificate, ca, time, make } = await scene({ start, end })
  const { againAt } = await make().plan(certificate, never)
  ca.says = { start: certificates.year2026 - day, end: certificates.year2026 }
  time.now = againAt
  assert.ok((await make().plan(certificate, never)).renewAt <= time.now)
})

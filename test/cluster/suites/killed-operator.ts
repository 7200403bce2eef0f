/**
 * An operator that is killed at every act of an order: what was done is not written down yet, or what was asked is not answered. Whoever comes
 * after it ends that one order, with that one key.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { names } from '#operator/api/names.ts'
import { type Secret, secretText } from '#operator/kube/secret.ts'
import { type AcmeLab, acmeLab } from '#test/support/acme-lab/acme-lab.ts'
import { dialed } from '../load.ts'
import { killOperator } from '../operator-pods.ts'
import { isAbout, ofChallenge, ofOrder, ofStatus, statusIn } from '../order-writes.ts'
import {
  askedOf,
  httpsPort,
  issuerManifest,
  publishAddresses,
  servedFrom,
  strongroomManifest,
} from '../ordering.ts'
import { until } from '../run.ts'
import { newTenant, type Place, type Tenant } from '../suite.ts'
import { type HeldWrite, type Write, type WriteGate, writeGate } from '../write-gate.ts'

const name = 'vault'
const host = 'killed.lab.test'
const nextKey = names.nextServerKey(name)

/** What was done, and the write that is never made because of it. In their turn: whoever is ahead of one fits it as well. */
const acts: readonly (readonly [act: string, write: (write: Write) => boolean])[] = [
  ['the challenge was read', ofOrder(({ authorizations: [one] }) => one?.challenge !== undefined)],
  ['the challenge was presented', ofChallenge(({ presented }) => presented)],
  ['the answer was seen where it is presented', ofChallenge(({ visible }) => visible)],
  ['the challenge was answered', ofChallenge(({ answered }) => answered)],
  ['the authorization was valid', ofOrder(({ authorizations: [one] }) => one?.status === 'valid')],
  ['the order was ready', ofOrder(({ status }) => status !== 'pending')],
  ['the certificate was asked for', ofOrder(({ finalized }) => finalized)],
  ['the certificate was ready', ofOrder((order) => order.certificateUrl !== undefined)],
  ['the answer was taken away', ofChallenge(({ presented }) => !presented, { isFinalized: true })],
  ['the certificate was fetched', isAbout('UPDATE', names.issuedTls(name))],
  ['the certificate was written', isAbout('DELETE', nextKey)],
  ['the certificate is to be mounted', isAbout('UPDATE', names.serverTls(name))],
  [
    'the Secret of its key was deleted',
    ofStatus(({ publicCertificate: given, order }) => given?.revision === 3 && order === undefined),
  ],
]

export function killedOperatorSuite(place: () => Place): void {
  describe('an operator that is killed', () => {
    let tenant: Tenant
    let lab: AcmeLab
    let gate: WriteGate
    const publishing = new AbortController()
    before(async () => {
      tenant = await newTenant(place())
      lab = await acmeLab({ place: place().cluster, tlsAlpnPort: httpsPort })
      gate = await writeGate(tenant)
      void publishAddresses(tenant, { ...lab, hosts: { [name]: host } }, publishing.signal)
      const issuer = issuerManifest(lab, { name, solver: { tlsAlpn01: {} } })
      await tenant.apply([issuer, strongroomManifest(name, { host })].join('\n---\n'))
      await served(1)
    })
    after(async () => {
      publishing.abort()
      await gate?.[Symbol.asyncDispose]()
      await lab?.[Symbol.asyncDispose]()
      await tenant?.[Symbol.asyncDispose]()
    })
    const served = (revision: number) => servedFrom(tenant, { name, revision, withinMs: 90_000 })
    const renew = (word: string) =>
      tenant.kubectl('annotate', '--overwrite', 'strongroom', name, `strongroom.dev/renew=${word}`)
    const keyIn = async (secret: string): Promise<string> =>
      secretText(await tenant.get<Secret>('secret', secret), 'tls.key')
    /** Kills whoever sends the write, which is never made. */
    const killAt = async (held: HeldWrite): Promise<void> => {
      await held.waiting()
      await killOperator(tenant)
      await held.givenUp()
    }

    test('when the CA gave an order and it is not written down: a second one is made, and no third', async () => {
      const orders = lab.counts().newOrder
      const lost = gate.hold(ofOrder(({ orderUrl }) => orderUrl !== undefined))
      await renew('lost')
      await killAt(lost)
      const key = await keyIn(nextKey)
      await served(2)
      assert.equal(lab.counts().newOrder, orders + 2)
      assert.equal(await keyIn(names.serverTls(name)), key)
    })

    describe('within one order', () => {
      let held: readonly HeldWrite[]
      let orders: number
      let key: string
      let from: number
      before(() => {
        orders = lab.counts().newOrder
        from = gate.passed.length
        held = acts.map(([, write]) => gate.hold(write))
      })

      test('when its next key is to be kept', async () => {
        const first = gate.hold(isAbout('CREATE', nextKey))
        await renew('killed')
        await killAt(first)
      })

      test('when the CA is asked for the order', async () => {
        const asked = lab.fail({ action: 'newOrder', with: 'hold request', times: 1 })
        await until('the CA to be asked', () => asked.count() || undefined)
        key = await keyIn(nextKey)
        await killOperator(tenant)
        orders += asked.count()
      })

      for (const [index, [act]] of acts.entries())
        test(`when ${act}`, async () => {
          await killAt(held[index] as HeldWrite)
        })

      test('at all of these: one order is made and ends, with one key', async () => {
        const sha256 = await served(3)
        assert.equal(lab.counts().newOrder, orders + 1)
        const urls = gate.passed.slice(from).map((write) => statusIn(write)?.order?.orderUrl)
        assert.equal(new Set(urls.filter((url) => url !== undefined)).size, 1)
        assert.equal(await keyIn(names.serverTls(name)), key)
        assert.equal(await tenant.get('secret', nextKey), undefined)
        const ca = (await lab.roots()).join('')
        assert.equal(await dialed(await askedOf(tenant, { name, host, ca })), sha256)
      })
    })
  })
}

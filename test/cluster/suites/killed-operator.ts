/**
 * An operator that is killed at every act of an order: what was done is not written down yet, or what was asked is not answered. Whoever comes
 * after it ends that one order, with that one key.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { names } from '#operator/api/names.ts'
import { type Secret, secretText } from '#operator/kube/secret.ts'
import { type AcmeLab, acmeLab } from '#test/support/acme-lab/acme-lab.ts'
import type { AcmeAction } from '#test/support/acme-lab/acme-proxy.ts'
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
import { type Write, type WriteGate, writeGate } from '../write-gate.ts'

const name = 'vault'
const host = 'killed.lab.test'
const nextKey = names.nextServerKey(name)

/** Where an operator is stopped: at a write that is never made, or at an exchange with the CA that is never answered. */
interface Stop {
  waiting(): Promise<unknown>
  givenUp?(): Promise<void>
}

interface Stops {
  readonly gate: WriteGate
  readonly lab: AcmeLab
}

type StopAt = (stops: Stops) => Stop

const writing =
  (fits: (write: Write) => boolean): StopAt =>
  ({ gate }) =>
    gate.hold(fits)

const asking =
  (action: AcmeAction, what: 'hold request' | 'hold answer'): StopAt =>
  ({ lab }) => {
    const asked = lab.fail({ action, with: what, times: 1 })
    const look = () => asked.count() || undefined
    return { waiting: () => until(`the CA to be asked for ${action}`, look, { everyMs: 20 }) }
  }

/** In their turn: whoever comes after one goes on from what is written down, and comes to the next. */
const acts: readonly (readonly [act: string, stop: StopAt])[] = [
  ['the challenge is to be read', asking('authorization', 'hold request')],
  ['the challenge was read', writing(ofChallenge(({ presented }) => !presented))],
  ['the answer stands where the CA will look', asking('challenge', 'hold request')],
  ['the CA was told to look', asking('challenge', 'hold answer')],
  ['the challenge was answered', writing(ofChallenge(({ answered }) => answered))],
  ['the authorization was valid', asking('order', 'hold request')],
  ['the order was ready', asking('finalize', 'hold request')],
  ['the certificate was asked for', asking('finalize', 'hold answer')],
  ['the CA works on it', writing(ofOrder(({ finalized }) => finalized))],
  ['the answer was taken away', asking('certificate', 'hold request')],
  ['the certificate was given', asking('certificate', 'hold answer')],
  ['the certificate was fetched', writing(isAbout('UPDATE', names.issuedTls(name)))],
  ['the certificate was written', writing(isAbout('DELETE', nextKey))],
  ['the certificate is to be mounted', writing(isAbout('UPDATE', names.serverTls(name)))],
  [
    'the Secret of its key was deleted',
    writing(
      ofStatus(
        ({ publicCertificate: given, order }) => given?.revision === 3 && order === undefined,
      ),
    ),
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
    const killAt = async (stop: Stop): Promise<void> => {
      await stop.waiting()
      await killOperator(tenant)
      await stop.givenUp?.()
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
      let orders: number
      let key: string
      let from: number
      before(() => {
        orders = lab.counts().newOrder
        from = gate.passed.length
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

      for (const [act, stop] of acts)
        test(`when ${act}`, async () => {
          await killAt(stop({ gate, lab }))
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

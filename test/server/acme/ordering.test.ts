import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { OrderFiles } from '#server/acme/order-files.ts'
import { type OrderEvent, Ordering, type OrderingParts } from '#server/acme/ordering.ts'
import type { Account, AcmeApi, Order } from '#shared/acme/acme-api.ts'
import { AcmeProblem } from '#shared/acme/problem.ts'
import type { Solver } from '#shared/acme/solver.ts'
import { certificatePem } from '#shared/pki/pem.ts'
import * as certificates from '#test/support/certificates.ts'
import { type FakeTime, fakeTime, settle } from '#test/support/fake-timers.ts'
import { temporaryFolder } from '#test/support/storage.ts'

const account: Account = { url: 'https://ca.test/account/1', status: 'valid', contact: [] }
const order: Order = {
  url: 'https://ca.test/order/1',
  status: 'pending',
  authorizations: ['https://ca.test/authorization/1'],
  finalize: 'https://ca.test/finalize/1',
}
const settings: OrderingParts['settings'] = {
  directoryUrl: 'https://ca.test/directory',
  email: 'ops@example.com',
  names: ['localhost', '127.0.0.1', '::1'],
  challenge: 'TlsAlpn01',
  check: 'None',
  checkPort: undefined,
  http: { scheme: 'http', host: '127.0.0.1', port: 0 },
  trust: undefined,
  profile: undefined,
  keyKind: 'p-256',
}

interface Scene extends AsyncDisposable {
  readonly time: FakeTime
  readonly files: OrderFiles
  /** What the CA was asked, and what was shown to it. */
  readonly calls: string[]
  readonly events: OrderEvent[]
  readonly api: Partial<AcmeApi>
  make(given?: Partial<OrderingParts>): Ordering
}

async function scene(): Promise<Scene> {
  const folder = await temporaryFolder()
  const files = await OrderFiles.open(join(folder.path, 'acme'))
  const time = fakeTime()
  const [calls, events]: [string[], OrderEvent[]] = [[], []]
  const api: Partial<AcmeApi> = {
    directoryUrl: settings.directoryUrl,
    thumbprint: 'thumbprint',
    newAccount: async ({ contact = [] }) => {
      calls.push(`account ${contact.join()}`)
      return account
    },
    changeContact: async (contact) => {
      calls.push(`contact ${contact.join()}`)
      return account
    },
    newOrder: async () => {
      calls.push('order')
      return order
    },
  }
  const solver: Solver = {
    type: 'tls-alpn-01',
    present: async ({ name, keyAuthorization }) =>
      void calls.push(`present ${name} ${keyAuthorization}`),
    check: async () => undefined,
    cleanUp: async () => undefined,
  }
  return {
    ...{ time, files, calls, events, api },
    make: (given) =>
      new Ordering({
        ...{ settings, files, api: api as AcmeApi, clock: time, timers: time, random: () => 0.5 },
        solver: async () => solver,
        renewal: { plan: async () => ({ renewAt: time.now() + 1_000, againAt: time.now() + 500 }) },
        report: (event) => events.push(event),
        ...given,
      }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

test('Ordering finds or makes the account, and writes the order down before the next act', async () => {
  await using on = await scene()
  await on.make().step()
  assert.deepEqual(on.calls, ['account mailto:ops@example.com', 'order'])
  assert.equal((await on.files.order())?.orderUrl, order.url)
  assert.deepEqual(on.events, [{ kind: 'act', act: 'new-order' }])
  const kept = { directory: settings.directoryUrl, url: account.url, email: 'ops@example.com' }
  assert.deepEqual(await on.files.account(), kept)
})

test('Ordering tells the CA of another e-mail address once', async () => {
  await using on = await scene()
  await on.make().step()
  const changed = { settings: { ...settings, email: 'new@example.com' } }
  for (let times = 0; times < 2; times += 1) {
    await on.files.forgetOrder()
    await on.make(changed).step()
  }
  const contacts = on.calls.filter((call) => call.startsWith('contact'))
  assert.deepEqual(contacts, ['contact mailto:new@example.com'])
})

test('Ordering does not wait after a setting was changed, and finds the account first', async () => {
  await using on = await scene()
  const refusal = { status: 403, type: 'rejectedIdentifier', detail: 'no', subproblems: [] }
  on.api.newOrder = async () => {
    on.calls.push('order')
    throw new AcmeProblem({ ...refusal, retryAfterMs: undefined })
  }
  await on.make().step()
  on.calls.splice(0)
  assert.ok((await on.make().step()) > on.time.now(), 'a process that is started anew waits')
  assert.deepEqual(on.calls, [])
  await on.make({ settings: { ...settings, challenge: 'Http01' } }).step()
  assert.deepEqual(on.calls, ['account mailto:ops@example.com', 'order'])
  assert.equal((await on.files.order())?.attempts, 2)
})

test('Ordering waits after a failure without asking the CA for anything', async () => {
  await using on = await scene()
  const forbidden = { status: 403, type: 'rejectedIdentifier', detail: 'the policy forbids it' }
  on.api.newOrder = async () => {
    throw new AcmeProblem({ ...forbidden, subproblems: [], retryAfterMs: undefined })
  }
  const ordering = on.make()
  const againAt = await ordering.step()
  assert.ok(againAt > on.time.now())
  const problems = () => on.events.filter(({ kind }) => kind === 'problem')
  assert.equal(problems().length, 1)
  assert.equal(ordering.figures.failures, 1)
  assert.equal(ordering.figures.problem?.detail, 'the policy forbids it')
  const asked = on.calls.length
  assert.equal(await ordering.step(), againAt)
  assert.equal(on.calls.length, asked)
  assert.equal(problems().length, 1, 'said once')
})

test('Ordering shows again what a process that was killed had shown', async () => {
  await using on = await scene()
  await on.make().step()
  const state = await on.files.order()
  assert(state !== undefined)
  const challenge = {
    ...{
      type: 'tls-alpn-01' as const,
      url: 'https://ca.test/challenge/1',
      token: 'token',
      thumbprint: 'thumbprint',
    },
    ...{ presented: true, visible: true, answered: true, cleanUps: 0 },
  }
  const authorization = { url: order.authorizations[0] ?? '', name: 'localhost', challenge }
  await on.files.keepOrder({
    ...state,
    authorizations: [{ ...authorization, status: 'pending' }],
  })
  on.api.authorization = async () => ({ status: 'pending', name: 'localhost', challenges: [] })
  await on.make().step()
  assert.equal(on.calls.at(-1), 'present localhost token.thumbprint')
})

test('Ordering leaves a certificate that is good alone until its time, and forgets how it was ordered', async () => {
  await using on = await scene()
  await on.make().step()
  const keys = await on.files.nextKey('p-256')
  const { certificate } = await certificates.server(await certificates.authority(), { keys })
  const state = await on.files.order()
  assert(state !== undefined)
  await on.files.finish(certificatePem(certificate))
  await on.files.keepOrder(state)
  const ordering = on.make()
  assert.equal(await ordering.step(), on.time.now() + 500)
  assert.equal(await on.files.order(), undefined)
  assert.equal(ordering.figures.renewAt, on.time.now() + 1_000)
  assert.equal(on.calls.filter((call) => call === 'order').length, 1)
})

test('Ordering is content with a certificate of a CA whose clock is ahead, and does not order another', async () => {
  await using on = await scene()
  const keys = await on.files.nextKey('p-256')
  const validity = { notBefore: on.time.now() + 30_000, notAfter: on.time.now() + 86_400_000 }
  const ca = await certificates.authority()
  const { certificate } = await certificates.server(ca, { keys, validity })
  await on.files.finish(certificatePem(certificate))
  await on.make().step()
  assert.deepEqual(on.calls, [])
})

test('Ordering that cannot even try says so, and tries again after waits that grow', async () => {
  await using on = await scene()
  let tries = 0
  on.api.newAccount = async () => {
    tries += 1
    throw new Error('nobody answers')
  }
  await using ordering = on.make()
  ordering.start()
  const waits: number[] = []
  for (let times = 1; times <= 5; times += 1) {
    await eventually(() => tries === times && on.time.waiting === 1)
    waits.push(ordering.figures.againAt - on.time.now())
    await on.time.pass(waits.at(-1) ?? 0)
  }
  assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 16_000])
  assert.ok(on.events.every(({ kind }) => kind === 'failed'))
})

/** Files are read and written in between. */
async function eventually(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 100 && !holds(); turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    await settle()
  }
  assert.ok(holds())
}

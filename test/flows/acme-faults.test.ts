/** What a real CA, its network and its DNS do wrong: the order recovers by itself, and the CA counts the orders that it should. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Advanced } from '#shared/acme/advance.types.ts'
import { type AcmeLab, acmeLab } from '#test/support/acme-lab/acme-lab.ts'
import { type Http01Server, http01Server } from '#test/support/acme-lab/http01-server.ts'
import {
  dns01Solver,
  http01Solver,
  labAccount,
  leafOf,
  type OrderRun,
  runOrder,
} from '#test/support/acme-lab/order-run.ts'

const wish = { names: ['a.lab.test'], profile: 'default' }
let lab: AcmeLab
let web: Http01Server
before(async () => {
  lab = await acmeLab({ blockedDomains: ['blocked.test'] })
  web = await http01Server(lab.httpPort)
  await lab.dns.setAddress('a.lab.test', '127.0.0.1')
})
after(async () => {
  await web[Symbol.asyncDispose]()
  await lab[Symbol.asyncDispose]()
})

type Wanted = Partial<OrderRun> & Pick<OrderRun, 'api'>

async function ordered(wanted: Wanted) {
  const earlier = lab.counts().newOrder
  const end = await runOrder({ wish, solvers: [http01Solver(web)], ...wanted })
  return { ...end, newOrders: lab.counts().newOrder - earlier }
}

const firstFailure = ({ state }: Advanced) => state.attempts > 0
/** Nobody answers under the name as it should. */
const wrong = () => http01Solver({ answers: new Map() })

describe('an order recovers from', () => {
  test('bad nonces at every second request', async () => {
    await using shaky = await acmeLab({ badNonces: 50 })
    await using answers = await http01Server(shaky.httpPort)
    await shaky.dns.setAddress('a.lab.test', '127.0.0.1')
    using api = await labAccount(shaky)
    const end = await runOrder({ api, wish, solvers: [http01Solver(answers)] })
    assert.deepEqual(leafOf(end.issued).dnsNames, wish.names)
    assert.equal(end.state?.attempts, 0)
  })

  for (const action of [
    'newOrder',
    'authorization',
    'challenge',
    'finalize',
    'certificate',
  ] as const)
    test(`a CA out of order at ${action}, with one order and no attempt`, async () => {
      using api = await labAccount(lab)
      const failure = lab.fail({ action, times: 2, with: { status: 503 } })
      const end = await ordered({ api })
      assert.deepEqual(leafOf(end.issued).dnsNames, wish.names)
      assert.equal(failure.count(), 2)
      assert.equal(end.state?.attempts, 0)
      assert.equal(end.newOrders, action === 'newOrder' ? 3 : 1)
      const [first = 0, second = 0] = end.waits.map(([, ms]) => ms).filter((ms) => ms > 900)
      assert.ok(first <= 1000 && (second > 1000 || action !== 'newOrder'), `${first} ${second}`)
    })

  for (const cut of ['cut request', 'cut answer'] as const)
    test(`connections that are broken (${cut}) at each kind of request`, async () => {
      using api = await labAccount(lab)
      const actions = ['authorization', 'challenge', 'finalize', 'order', 'certificate'] as const
      const failures = actions.map((action) => lab.fail({ action, times: 1, with: cut }))
      const end = await ordered({ api })
      assert.deepEqual(leafOf(end.issued).dnsNames, wish.names)
      assert.deepEqual([end.newOrders, end.state?.attempts], [1, 0])
      for (const failure of failures) failure.end()
    })

  test('an answer to new-order that is lost, with one order more that nobody needs', async () => {
    using api = await labAccount(lab)
    const lost = lab.fail({ action: 'newOrder', times: 1, with: 'cut answer' })
    const end = await ordered({ api })
    assert.ok(end.issued !== undefined)
    assert.deepEqual([lost.count(), end.newOrders, end.state?.attempts], [1, 2, 0])
  })

  test('a CA that had too much, exactly when it says', async () => {
    using api = await labAccount(lab)
    const tooMany = { status: 429, type: 'rateLimited', retryAfter: 137 }
    const failure = lab.fail({ action: 'newOrder', times: 1, with: tooMany })
    const end = await ordered({ api })
    const [[act, ms] = ['', 0]] = end.waits
    assert.equal(act, 'new-order')
    assert.ok(Math.abs(ms - 137_000) < 100, `${ms}`)
    assert.deepEqual([failure.count(), end.newOrders, end.state?.attempts], [1, 2, 0])
    assert.ok(end.issued !== undefined)
  })

  test('a CA that is away, with the order that was begun', async () => {
    using api = await labAccount(lab)
    const begun = await ordered({ api, stop: ({ act }) => act === 'present' })
    const away = lab.fail({ with: 'cut request' })
    const meanwhile = await ordered({
      api,
      given: begun.state,
      stop: ({ state }) => state.retries > 3,
    })
    assert.match(meanwhile.state?.problem?.detail ?? '', /does not answer/)
    away.end()
    const end = await ordered({ api, given: meanwhile.state })
    assert.ok(end.issued !== undefined)
    assert.equal(end.newOrders, 0)
  })

  test('a DNS server that is down, and says so meanwhile', async () => {
    using api = await labAccount(lab)
    await lab.dns.stop()
    const solvers = [dns01Solver(lab)]
    const down = await ordered({ api, solvers, stop: ({ state }) => state.retries > 2 })
    assert.equal(down.state?.problem?.name, 'a.lab.test')
    assert.equal(down.state?.problem?.challenge, 'dns-01')
    assert.equal(down.state?.problem?.solver, 'rfc2136')
    await lab.dns.start()
    const end = await ordered({ api, solvers, given: down.state })
    assert.ok(end.issued !== undefined)
    assert.deepEqual([end.newOrders, end.state?.attempts], [0, 0])
    assert.deepEqual(await lab.dns.txt('_acme-challenge.a.lab.test'), [])
  })
})

describe('an order begins again after', () => {
  test('a failed authorization, a hundredth of the life later and then twice that, with the words of the CA', async () => {
    using api = await labAccount(lab)
    const lifeMs = 1_000_000
    const stop = ({ state, act }: Advanced) => state.attempts === 3 && act === 'clean-up'
    const end = await ordered({ api, wish: { ...wish, lifeMs }, solvers: [wrong()], stop })
    const { problem, attempts } = end.state ?? {}
    assert.deepEqual(
      [problem?.name, problem?.challenge, problem?.type, attempts],
      ['a.lab.test', 'http-01', 'unauthorized', 3],
    )
    assert.match(problem?.detail ?? '', /http|404|Invalid/i)
    const between = end.waits.filter(([act]) => act === 'clean-up').map(([, ms]) => ms)
    for (const [index, expected] of [10_000, 20_000, 40_000].entries())
      assert.ok(Math.abs((between[index] ?? 0) - expected) < 1000, `${between}`)
    assert.equal(end.newOrders, 3)
    const mended = await ordered({ api, given: end.state })
    assert.ok(mended.issued !== undefined)
    assert.deepEqual([mended.newOrders, mended.state?.attempts], [1, 0])
  })

  test('a name that the CA refuses, and names it', async () => {
    using api = await labAccount(lab)
    const names = ['a.lab.test', 'x.blocked.test']
    const end = await ordered({ api, wish: { ...wish, names }, stop: firstFailure })
    assert.equal(end.state?.problem?.type, 'rejectedIdentifier')
    assert.match(end.state?.problem?.detail ?? '', /blocked\.test/)
    assert.deepEqual([end.newOrders, end.state?.orderUrl], [1, undefined])
  })

  test('its time is over', async () => {
    using api = await labAccount(lab)
    const begun = await ordered({ api, stop: ({ act }) => act === 'present' })
    const expiresAt = new Date(Date.now() - 1).toISOString()
    const given = begun.state && { ...begun.state, expiresAt }
    const late = await ordered({ api, given, stop: firstFailure })
    assert.equal(late.state?.problem?.type, 'strongroom:orderExpired')
    const end = await ordered({ api, given: late.state })
    assert.ok(end.issued !== undefined)
    assert.equal(end.newOrders, 1)
    assert.equal(web.answers.size, 0)
  })

  test('the account was deactivated, and says that', async () => {
    using api = await labAccount(lab)
    const begun = await ordered({ api, stop: ({ act }) => act === 'look' })
    await api.deactivate()
    const end = await ordered({ api, given: begun.state, stop: firstFailure })
    assert.match(
      `${end.state?.problem?.type} ${end.state?.problem?.detail}`,
      /unauthorized|deactivated/i,
    )
    assert.equal(end.newOrders, 0)
  })

  test('the CA was started anew and knows neither order nor account', async () => {
    await using lost = await acmeLab()
    await using answers = await http01Server(lost.httpPort)
    await lost.dns.setAddress('a.lab.test', '127.0.0.1')
    const solvers = [http01Solver(answers)]
    using api = await labAccount(lost)
    const begun = await runOrder({ api, wish, solvers, stop: ({ act }) => act === 'present' })
    await lost.restart()
    const stop = ({ state }: Advanced) => state.retries > 1
    const gone = await runOrder({ api, wish, solvers, given: begun.state, stop })
    assert.deepEqual([gone.state?.problem?.type, gone.state?.attempts], ['accountDoesNotExist', 0])
    await api.newAccount({})
    const end = await runOrder({ api, wish, solvers, given: gone.state })
    assert.ok(end.issued !== undefined)
    assert.equal(end.state?.attempts, 0)
  })
})

import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { strongrooms } from '#operator/api/strongroom.ts'
import { reconcileIssuer, wakeIssuers } from '#operator/issuers/controller.ts'
import { secrets } from '#operator/kube/kinds.ts'
import { tlsData } from '#operator/kube/tls-secret.ts'
import { WorkQueue } from '#operator/runtime/queue.ts'
import { HttpsFailure } from '#shared/acme/https.ts'
import { AcmeProblem } from '#shared/acme/problem.ts'
import { authority, days } from '#test/support/certificates.ts'
import { problem } from '#test/support/fake-accounts.ts'
import { issuerScene, Killed } from '#test/support/issuer-scene.ts'
import { caIssuer, issuer, secret, strongroom } from '#test/support/resources.ts'

const rollOver = (value: string) => ({
  metadata: { annotations: { 'strongroom.dev/roll-over-account-key': value } },
})

test('reconcileIssuer() makes a key, registers an account with it once, and is ready', async () => {
  await using it = await issuerScene()
  await it.steps(8)
  assert.equal(await it.ready(), 'True AccountReady')
  const { status } = await it.now()
  const [account] = it.ca.accounts
  assert.deepEqual(
    [status?.account?.url, status?.account?.keyThumbprint, status?.account?.email, status?.type],
    [account?.url, account?.thumbprint, 'ops@example.com', 'acme'],
  )
  assert.deepEqual(account?.contact, ['mailto:ops@example.com'])
  assert.equal(it.ca.asked.filter((what) => what === 'new-account').length, 1)
  assert.deepEqual(
    it.events.map((event) => event.split(' ')[0]),
    ['AccountKeyMade', 'AccountRegistered'],
  )
  const kept = await it.secret('public-account')
  assert.equal(kept?.metadata.ownerReferences, undefined, 'the key outlives the issuer')
  assert.equal(it.ca.open, 0, 'every connection is closed')
})

test('reconcileIssuer() asks the CA no more once it is ready, and again an hour later', async () => {
  await using it = await issuerScene()
  await it.steps(4)
  const [asked, writes] = [it.ca.asked.length, it.kube.writes.length]
  await it.steps(5)
  assert.deepEqual([it.ca.asked.length, it.kube.writes.length], [asked, writes])
  await it.time.pass(3_600_000)
  await it.steps(3)
  assert.deepEqual(it.ca.asked.slice(asked), ['directory', 'account'])
})

test('reconcileIssuer() takes the key that is there, and finds the account that it has', async () => {
  await using it = await issuerScene()
  await it.steps(4)
  const kept = await it.secret('public-account')
  await using other = await issuerScene(issuer(), { connectCa: it.ca.connect })
  await other.put(kept ?? assert.fail())
  await other.steps(4)
  assert.equal(await other.ready(), 'True AccountReady')
  assert.equal(it.ca.accounts.length, 1)
  assert.match(other.events[0] ?? '', /^AccountFound /)
})

test('reconcileIssuer() misses a key that is gone, and makes no other account', async () => {
  await using it = await issuerScene()
  await it.steps(4)
  const kept = (await it.secret('public-account')) ?? assert.fail()
  await it.kube.delete(secrets, kept.metadata)
  await it.steps(3)
  assert.equal(await it.ready(), 'False AccountKeyMissing')
  assert.equal(await it.secret('public-account'), undefined)
  await it.put(kept)
  await it.steps(3)
  assert.equal(await it.ready(), 'True AccountReady')
  assert.equal(it.ca.accounts.length, 1)
})

test('reconcileIssuer() never overwrites a damaged key, and a wrong one makes no other account', async () => {
  await using it = await issuerScene()
  await it.steps(4)
  const damaged = secret('public-account', { 'tls.key': 'no key at all' })
  await it.put(damaged)
  await it.steps(3)
  assert.equal(await it.ready(), 'False AccountKeyDamaged')
  assert.deepEqual((await it.secret('public-account'))?.data, damaged.data)
  const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const wrong = pem.export({ type: 'pkcs8', format: 'pem' })
  await it.put(secret('public-account', { 'tls.key': wrong }))
  await it.steps(3)
  assert.equal(await it.ready(), 'False AccountKeyUnknown')
  assert.equal(it.ca.accounts.length, 1)
})

test('reconcileIssuer() tells the CA another contact, also none', async () => {
  await using it = await issuerScene()
  await it.steps(4)
  await it.change({ spec: { acme: { email: 'new@example.com' } } })
  await it.steps(3)
  assert.deepEqual(it.ca.accounts[0]?.contact, ['mailto:new@example.com'])
  assert.equal((await it.now()).status?.account?.email, 'new@example.com')
  await it.change({ spec: { acme: { email: null } } })
  await it.steps(3)
  assert.deepEqual(it.ca.accounts[0]?.contact, [])
  assert.equal(await it.ready(), 'True AccountReady')
  assert.ok(it.events.some((event) => event.startsWith('ContactChanged ')))
})

test('reconcileIssuer() binds the account to one that the CA gave out, and says what is wrong with it', async () => {
  const key = Buffer.alloc(32, 7).toString('base64url')
  await using it = await issuerScene()
  it.ca.customers.set('customer-17', key)
  await it.steps(4)
  assert.equal(await it.ready(), 'False ExternalAccountRequired')
  const keySecretRef = { name: 'eab', key: 'key' }
  const acme = { externalAccountBinding: { keyId: 'customer-17', keySecretRef } }
  await it.change({ spec: { acme } })
  await it.steps(2)
  assert.equal(await it.ready(), 'False SecretMissing')
  await it.put(secret('eab', { key: Buffer.alloc(32, 8).toString('base64url') }))
  await it.steps(2)
  assert.equal(await it.ready(), 'False ExternalAccountRefused')
  assert.match(await it.message(), /^The CA says: the MAC is wrong \(400 unauthorized\)$/)
  await it.put(secret('eab', { key }))
  await it.steps(2)
  assert.equal(await it.ready(), 'True AccountReady')
  const said = JSON.stringify([await it.now(), it.events])
  assert.ok(!said.includes(key), 'its key is nowhere')
})

test('reconcileIssuer() waits for a CA that is away, longer each time, over restarts, and goes on when it is back', async () => {
  await using it = await issuerScene()
  it.ca.failures.set('*', new HttpsFailure('https://ca.example', 'does not answer: ECONNREFUSED'))
  await it.steps(3)
  assert.equal(await it.ready(), 'False DirectoryUnreachable')
  assert.match(await it.message(), /ca\.example does not answer: ECONNREFUSED/)
  const waits: number[] = []
  for (let round = 0; round < 12; round += 1) {
    const { retry } = (await it.now()).status ?? {}
    const waitMs = Date.parse(retry?.againAt ?? '') - it.time.now()
    waits.push(waitMs)
    const asked = it.ca.asked.length
    await it.steps(2)
    assert.equal(it.ca.asked.length, asked, 'not before its time')
    await it.time.pass(waitMs)
    await it.steps(1)
    assert.equal(it.ca.asked.length, asked + 1)
  }
  assert.ok(
    waits.slice(0, 6).every((wait, round) => wait < (waits[round + 1] ?? 0)),
    String(waits),
  )
  assert.ok(Math.max(...waits) <= 300_000 * 1.2)
  it.ca.failures.clear()
  await it.time.pass(400_000)
  await it.steps(2)
  assert.equal(await it.ready(), 'True AccountReady')
  assert.equal((await it.now()).status?.retry, undefined)
})

test('reconcileIssuer() comes again exactly when the CA says, and at once when the issuer was changed', async () => {
  await using it = await issuerScene()
  const limited = { status: 429, type: 'rateLimited', detail: 'too many', subproblems: [] }
  it.ca.failures.set('new-account', new AcmeProblem({ ...limited, retryAfterMs: 7_200_000 }))
  await it.steps(2)
  assert.equal(await it.ready(), 'False RateLimited')
  const { retry } = (await it.now()).status ?? {}
  const waitMs = Date.parse(retry?.againAt ?? '') - it.time.now()
  assert.ok(waitMs > 7_199_000 && waitMs <= 7_200_000, String(waitMs))
  await it.steps(2)
  assert.equal(it.ca.accounts.length, 0)
  await it.change({ spec: { acme: { email: 'other@example.com' } } })
  await it.steps(2)
  assert.equal(await it.ready(), 'True AccountReady')
})

test('reconcileIssuer() says in the words of the CA that the account is not valid any more', async () => {
  await using it = await issuerScene()
  await it.steps(4)
  for (const account of it.ca.accounts) account.status = 'deactivated'
  await it.time.pass(3_600_000)
  await it.steps(2)
  assert.equal(await it.ready(), 'False AccountDeactivated')
  assert.match(await it.message(), /The CA says: account is deactivated/)
  assert.equal(it.ca.accounts.length, 1)
})

test('reconcileIssuer() registers again with the same key where the CA forgot the account', async () => {
  await using it = await issuerScene()
  await it.steps(4)
  const [{ thumbprint = '' } = {}] = it.ca.accounts.splice(0)
  await it.time.pass(3_600_000)
  await it.steps(2)
  assert.deepEqual([it.ca.accounts.length, it.ca.accounts[0]?.thumbprint], [1, thumbprint])
  assert.equal(await it.ready(), 'True AccountReady')
  assert.match(it.events.at(-1) ?? '', /^AccountRegistered |^AccountFound /)
})

test('reconcileIssuer() looks at once after an order that was refused because of the account', async () => {
  await using it = await issuerScene()
  await it.steps(4)
  it.ca.accounts.splice(0)
  const tls = { server: { issuerRef: { name: 'public' } } }
  const refused = (type: string, name?: string) => ({
    ...strongroom({ spec: { tls } }),
    status: { order: { problem: { type, detail: '', ...(name === undefined ? {} : { name }) } } },
  })
  await it.kube.create(strongrooms, refused('unauthorized', 'a.example'))
  await it.time.pass(60_000)
  await it.steps(2)
  assert.equal(it.ca.accounts.length, 0, 'that was about a name')
  await it.kube.applyStatus(strongrooms, refused('accountDoesNotExist'))
  await it.time.pass(60_000)
  await it.steps(2)
  assert.equal(it.ca.accounts.length, 1)
})

test('reconcileIssuer() knows which profiles there are', async () => {
  await using it = await issuerScene(issuer({ acme: { profile: 'fast' } }))
  await it.steps(3)
  assert.equal(await it.ready(), 'False ProfileUnknown')
  assert.match(await it.message(), /it offers none$/)
  it.ca.profiles = { slow: '', fast: '' }
  await it.time.pass(7_200_000)
  await it.steps(3)
  assert.equal(await it.ready(), 'True AccountReady')
  await it.change({ spec: { acme: { profile: 'other' } } })
  await it.steps(3)
  assert.match(await it.message(), /"other": it offers slow, fast$/)
})

test('reconcileIssuer() registers at another CA with the same key', async () => {
  await using it = await issuerScene()
  await it.steps(4)
  await using next = await issuerScene()
  it.means.connectCa = next.ca.connect
  await it.change({ spec: { acme: { server: 'https://other.example/directory' } } })
  await it.steps(3)
  assert.equal(await it.ready(), 'True AccountReady')
  assert.deepEqual(
    [next.ca.accounts[0]?.thumbprint, (await it.now()).status?.account?.server],
    [it.ca.accounts[0]?.thumbprint, 'https://other.example/directory'],
  )
})

test('reconcileIssuer() replaces the account key when asked, once for each wish', async () => {
  await using it = await issuerScene()
  await it.steps(4)
  const before = it.ca.accounts[0]?.thumbprint
  await it.change(rollOver('first'))
  await it.steps(8)
  const after = it.ca.accounts[0]?.thumbprint
  const { status } = await it.now()
  assert.notEqual(after, before)
  assert.deepEqual(
    [status?.account?.keyThumbprint, status?.account?.rolledOver, await it.ready()],
    [after, 'first', 'True AccountReady'],
  )
  assert.equal(await it.secret('public-next-account'), undefined)
  assert.equal(it.ca.accounts.length, 1)
  await it.steps(4)
  assert.equal(it.ca.accounts[0]?.thumbprint, after)
  await it.change(rollOver('second'))
  await it.steps(8)
  assert.notEqual(it.ca.accounts[0]?.thumbprint, after)
  await it.change(rollOver('x'.repeat(254)))
  await it.steps(2)
  assert.equal(await it.ready(), 'False InvalidAnnotation')
})

test('reconcileIssuer() killed at any write or exchange finishes: one account, one replaced key', async () => {
  const run = async (killedAt: number): Promise<boolean> => {
    await using it = await issuerScene()
    let count = 0
    let isKilled = false
    const die = (before: boolean) => {
      count += before ? 1 : 0
      if (isKilled || count !== killedAt) return
      isKilled = true
      throw new Killed()
    }
    const wrapped = new Proxy(it.kube, {
      get: (kube, name) => {
        const own = Reflect.get(kube, name)
        if (typeof own !== 'function') return own
        const isWrite = ['create', 'patch', 'delete', 'applyStatus'].includes(String(name))
        return async (...given: unknown[]) => {
          const answer = await own.apply(kube, given)
          if (isWrite) die(true)
          return answer
        }
      },
    })
    const connectCa: typeof it.ca.connect = (access) =>
      new Proxy(it.ca.connect(access), {
        get: (api, name) => {
          const own = Reflect.get(api, name)
          if (typeof own !== 'function' || name === 'close') return own
          return async (...given: unknown[]) => {
            const answer = await own.apply(api, given)
            die(true)
            return answer
          }
        },
      })
    Object.assign(it.means, { kube: wrapped, connectCa })
    await it.steps(8)
    await it.change(rollOver('1'))
    await it.steps(10)
    const { status } = await it.now()
    assert.equal(await it.ready(), 'True AccountReady', `killed at ${killedAt}`)
    assert.equal(it.ca.accounts.length, 1, `killed at ${killedAt}`)
    assert.equal(status?.account?.rolledOver, '1', `killed at ${killedAt}`)
    assert.equal(status?.account?.keyThumbprint, it.ca.accounts[0]?.thumbprint)
    assert.equal(await it.secret('public-next-account'), undefined, `killed at ${killedAt}`)
    const changes = it.ca.asked.filter((what) => what === 'key-change')
    assert.equal(changes.length, 1, `killed at ${killedAt}: the key was replaced once`)
    return isKilled
  }
  let killedAt = 1
  while (await run(killedAt)) killedAt += 1
  assert.ok(killedAt > 12, `there were ${killedAt - 1} places`)
})

test('reconcileIssuer() tells what a solver lacks, and is ready when it is there', async () => {
  const keySecretRef = { name: 'tsig', key: 'key' }
  const rfc2136 = { server: '192.0.2.1', keyName: 'k', keySecretRef }
  await using it = await issuerScene(issuer({ acme: { solvers: [{ dns01: { rfc2136 } }] } }))
  await it.steps(5)
  assert.equal(await it.ready(), 'False SecretMissing')
  assert.match(await it.message(), /Secret "tsig" of a solver does not exist/)
  assert.deepEqual(it.followed.at(-1), ['public-account', 'tsig'])
  await it.put(secret('tsig', { key: Buffer.alloc(32, 1).toString('base64') }))
  await it.steps(2)
  assert.equal(await it.ready(), 'True AccountReady')
})

test('reconcileIssuer() looks at a CA in a Secret, and asks nobody', async () => {
  await using it = await issuerScene(caIssuer())
  await it.steps(2)
  assert.equal(await it.ready(), 'False SecretNotFound')
  const ca = await authority('Private CA', undefined, days(365))
  await it.put({ ...secret('private-ca', {}), data: tlsData(ca) })
  const outcome = await it.step()
  assert.equal(outcome.kind, 'again')
  const { status } = await it.now()
  assert.equal(await it.ready(), 'True AuthorityReady')
  assert.deepEqual([status?.type, status?.certificate?.sha256], ['ca', ca.certificate.sha256])
  assert.deepEqual(it.ca.asked, [])
  await it.time.pass(366 * 86_400_000)
  await it.steps(1)
  assert.equal(await it.ready(), 'False Expired')
})

test('reconcileIssuer() throws what is our own fault, and is done with what is gone', async () => {
  await using it = await issuerScene()
  await it.steps(1)
  it.ca.failures.set('directory', new TypeError('a mistake'))
  await assert.rejects(it.step(), /a mistake/)
  assert.equal(it.ca.open, 0)
  assert.deepEqual(await reconcileIssuer('shop/none', it.means), { kind: 'done' })
})

test('no private key of an account is in a status or an event', async () => {
  await using it = await issuerScene()
  await it.steps(4)
  await it.change(rollOver('1'))
  await it.steps(1)
  const keys = [await it.secret('public-account'), await it.secret('public-next-account')]
  it.ca.failures.set('*', problem('serverInternal', 'broken', 500))
  await it.steps(4)
  const said = JSON.stringify([(await it.now()).status, it.events])
  for (const key of keys) {
    const pem = Buffer.from(key?.data?.['tls.key'] ?? '', 'base64').toString()
    const [line = ''] = pem.split('\n').slice(1)
    assert.ok(line.length > 40 && !said.includes(line))
  }
})

test('wakeIssuers() wakes with the issuer and the Secrets that were made for it', async () => {
  await using it = await issuerScene()
  const woken: string[] = []
  const queue = new WorkQueue({ timers: it.time, now: it.time.now })
  queue.add = (key) => void woken.push(key)
  wakeIssuers(it.means, queue)
  await it.steps(1)
  assert.ok(woken.includes('shop/public'))
  queue.close()
})

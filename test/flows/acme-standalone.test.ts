/** A server on a host of its own, started with settings only, and a real CA: issued, renewed and served without anybody's hand. */
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  renewsUnderLoad,
  standaloneChallenges,
  standaloneScene,
} from '#test/support/acme-lab/standalone-scene.ts'
import { orderFile, publicName, shown, until } from '#test/support/standalone.ts'

// Side by side: what takes the time is the certificates' life. A third of it is left for an order on a machine that has much to do.
test('server renews its certificate twice under 50 connections, none of which notices', {
  concurrency: true,
}, async (t) => {
  const each = standaloneChallenges.map((challenge) =>
    t.test(`by ${challenge}`, (one) =>
      renewsUnderLoad(one, { challenge, lifeSeconds: 60, renewals: 2 }),
    ),
  )
  await Promise.all(each)
})

test('server gets a wildcard by DNS-01 through the zone of its own server, and shows its key to nobody', async () => {
  await using on = await standaloneScene({ lifeSeconds: 3_600 })
  const folder = path.dirname(on.dataDir)
  const [config, secrets] = [path.join(folder, 'dns.json'), path.join(folder, 'secrets')]
  const { address, tsigKey } = on.lab.dns
  const rfc2136 = { server: address, tsigKeyName: tsigKey.name, tsigAlgorithm: tsigKey.algorithm }
  writeFileSync(config, JSON.stringify({ rfc2136, nameservers: [address], check: 'Recursive' }))
  mkdirSync(secrets)
  writeFileSync(path.join(secrets, 'tsigSecret'), tsigKey.secret)
  await using server = await on.start({
    Challenge: 'Dns01',
    Names: `${publicName};*.lab.test`,
    'Dns.Path': config,
    'Dns.Secrets.Path': secrets,
  })
  await on.issued()
  const { subjectAltName } = new X509Certificate(orderFile(on.dataDir, 'server.pem'))
  const names = subjectAltName?.split(', ').toSorted()
  assert.deepEqual(names, ['DNS:*.lab.test', `DNS:${publicName}`])
  assert.equal(server.log().includes(tsigKey.secret), false)
  assert.deepEqual(await on.lab.dns.txt(`_acme-challenge.${publicName}`), [])
})

test('server that is killed after each act of an order finishes that order, and makes no other', async () => {
  // A CA that asks just then finds nobody, and calls the name unproven: here it does not look.
  await using on = await standaloneScene({ lifeSeconds: 3_600, alwaysValid: true })
  let kills = 0
  const order = () => orderFile(on.dataDir, 'order.json')
  for (; orderFile(on.dataDir, 'server.pem') === ''; kills += 1) {
    assert.ok(kills < 60, `not issued after ${kills} kills: ${order()}`)
    const before = order()
    await using server = await on.start()
    await until('the next act', () =>
      order() !== before || orderFile(on.dataDir, 'server.pem') !== '' ? true : undefined,
    )
    await server.kill()
  }
  await using last = await on.start()
  await on.issued()
  assert.ok(last.alive)
  assert.ok(kills >= 2, `${kills} kills`)
  await until('the end of the order', () => (order() === '' ? true : undefined))
  assert.equal(on.lab.counts().newOrder, 1)
})

test('server keeps serving its certificate while the CA is away, says so, and renews it when the CA is back', async () => {
  await using on = await standaloneScene({ lifeSeconds: 24 })
  await using server = await on.start()
  const first = await on.issued()
  const { notAfter } = (await shown(on.port)) ?? { notAfter: 0 }
  await on.lab.stop()
  await until('a word in the log', () =>
    /Cannot (order|get) a server certificate/.test(server.log()) ? true : undefined,
  )
  assert.equal((await shown(on.port))?.sha256, first)
  assert.ok(Date.now() < notAfter, 'asked before its end')
  await on.lab.start()
  // A CA that begins anew knows neither the account nor the order.
  await on.issued([first], 60_000)
})

test('server that finds an expired certificate at its start serves one of its own until the next is issued', async () => {
  await using on = await standaloneScene({ lifeSeconds: 12 })
  const first = await (async () => {
    await using server = await on.start()
    const sha256 = await on.issued()
    await server.stop()
    return sha256
  })()
  const pem = new X509Certificate(orderFile(on.dataDir, 'server.pem'))
  await sleep(Math.max(pem.validToDate.getTime() - Date.now() + 1_000, 0))
  await using server = await on.start()
  assert.notEqual(await on.issued([first]), first)
  assert.match(server.log(), /Serves a certificate of its own/)
})

test('server says in the words of the CA why a name cannot be proven', async () => {
  await using on = await standaloneScene({ lifeSeconds: 3_600 })
  await on.lab.dns.setAddress(publicName, '127.0.0.2')
  await using server = await on.start()
  await until('the words of the CA', () =>
    /Cannot get a server certificate yet: .*onnect/.test(server.log()) ? true : undefined,
  )
  assert.match(server.log(), /"name":"vault\.lab\.test"/)
  assert.match(server.log(), /"challenge":"tls-alpn-01"/)
  assert.equal(on.lab.counts().newOrder, 1)
})

// An address is a name that this machine and the CA find alike.
for (const challenge of standaloneChallenges)
  test(`server looks at its own answer by ${challenge} from outside: what it does not see is a warning, or holds the CA off where that is asked for`, async () => {
    await using on = await standaloneScene({ lifeSeconds: 3_600 })
    const port = challenge === 'Http01' ? on.lab.httpPort : on.port
    const settings = { Challenge: challenge, Names: `127.0.0.1;${publicName}`, Check: 'Require' }
    const unseen = (text: string) =>
      /This server does not see its own answer to the CA: (.*?)"/.exec(text)?.[1]
    {
      await using server = await on.start({ ...settings, 'Check.Port': '1' })
      // Of two names, the one that the CA happened to name first.
      const said = /Cannot get a server certificate yet: .*:1\b.* cannot be asked: /
      await until('a word in the log', () => said.test(server.log()) || undefined)
      assert.equal(unseen(server.log()), undefined)
      assert.equal(on.lab.counts().challenge, 0)
    }
    await using server = await on.start({ ...settings, 'Check.Port': String(port), Check: 'Warn' })
    await on.issued()
    // The address was seen, and the name, which only the CA's DNS knows, was not.
    assert.match(unseen(server.log()) ?? '', /vault\.lab\.test.* cannot be asked: /)
    assert.equal(server.log().split('does not see its own answer').length, 2)
    assert.equal(on.lab.counts().newOrder, 1)
  })

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { challengeLifeMs, challengesMax } from '#server/limits.ts'
import { Challenges } from '#server/tls/challenges.ts'
import { year2026 } from '#test/support/certificates.ts'

const proof = (token: string) => `${token}.${'a'.repeat(43)}`

function scene() {
  const time = { now: year2026 }
  return { time, challenges: new Challenges({ now: () => time.now }) }
}

test('Challenges shows what was presented under the name that the CA asks for, until it is withdrawn', async () => {
  const { challenges } = scene()
  assert.equal(challenges.isEmpty, true)
  await challenges.present({ name: 'Vault.example.com', keyAuthorization: proof('one') })
  await challenges.present({ name: '192.0.2.1', keyAuthorization: proof('two') })
  assert.equal(challenges.isEmpty, false)
  for (const name of ['vault.example.com', 'VAULT.EXAMPLE.COM', '1.2.0.192.in-addr.arpa'])
    assert.notEqual(challenges.contextFor(name), undefined, name)
  for (const name of ['', '192.0.2.1', 'example.com', 'a.vault.example.com'])
    assert.equal(challenges.contextFor(name), undefined, name)
  assert.equal(challenges.withdraw('vault.EXAMPLE.com'), true)
  assert.equal(challenges.withdraw('vault.example.com'), false)
  assert.equal(challenges.contextFor('vault.example.com'), undefined)
  assert.equal(challenges.withdraw('192.0.2.1'), true)
  assert.equal(challenges.isEmpty, true)
})

test('Challenges end by themselves after ten minutes, counted from the last time they were presented', async () => {
  const { challenges, time } = scene()
  const one = { name: 'vault.example.com', keyAuthorization: proof('one') }
  await challenges.present(one)
  const context = challenges.contextFor(one.name)
  time.now += challengeLifeMs - 1
  await challenges.present(one)
  assert.equal(challenges.contextFor(one.name), context)
  time.now += challengeLifeMs - 1
  assert.equal(challenges.isEmpty, false)
  time.now += 1
  assert.equal(challenges.contextFor(one.name), undefined)
  assert.equal(challenges.isEmpty, true)
})

test('Challenges shows the later of two for one name', async () => {
  const { challenges } = scene()
  const name = 'vault.example.com'
  await challenges.present({ name, keyAuthorization: proof('one') })
  const first = challenges.contextFor(name)
  await challenges.present({ name, keyAuthorization: proof('two') })
  assert.notEqual(challenges.contextFor(name), first)
})

for (const [name, keyAuthorization, why] of [
  ['', proof('a'), /neither a DNS name/],
  ['*.example.com', proof('a'), /neither a DNS name/],
  ['example.com/x', proof('a'), /neither a DNS name/],
  [`${'a'.repeat(64)}.example.com`, proof('a'), /neither a DNS name/],
  [`${'a.'.repeat(130)}com`, proof('a'), /neither a DNS name/],
  ['example.com', '', /token, a dot/],
  ['example.com', 'a.b', /token, a dot/],
  ['example.com', `a\n.${'a'.repeat(43)}`, /token, a dot/],
  ['example.com', proof('a'.repeat(600)), /more than 512/],
] as const) {
  test(`Challenges refuses ${JSON.stringify(name.slice(0, 20))} with ${JSON.stringify(keyAuthorization.slice(0, 20))}`, async () => {
    const { challenges } = scene()
    const refused = { code: 'ChallengeInvalid', message: why }
    await assert.rejects(challenges.present({ name, keyAuthorization }), refused)
    assert.equal(challenges.isEmpty, true)
  })
}

test('Challenges has room for so many names, and for others once some have ended', async () => {
  const { challenges, time } = scene()
  const present = (name: string) => challenges.present({ name, keyAuthorization: proof('a') })
  for (let number = 0; number < challengesMax; number += 1) await present(`n${number}.example.com`)
  await present('n0.example.com')
  await assert.rejects(present('more.example.com'), { code: 'ChallengesTooMany', status: 429 })
  time.now += challengeLifeMs
  await present('more.example.com')
  assert.notEqual(challenges.contextFor('more.example.com'), undefined)
})

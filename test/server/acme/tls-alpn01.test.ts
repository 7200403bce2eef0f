import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tlsAlpn01Solver } from '#server/acme/tls-alpn01.ts'
import { Challenges } from '#server/tls/challenges.ts'
import { year2026 } from '#test/support/certificates.ts'

const challenge = {
  ...{ type: 'tls-alpn-01' as const, name: 'vault.example.com', token: 'one' },
  keyAuthorization: `one.${'a'.repeat(43)}`,
}
const never = new AbortController().signal

test('tlsAlpn01Solver() lets this server show the proof, also one that a killed process had shown, until it is cleaned up', async () => {
  const challenges = new Challenges({ now: () => year2026 })
  const solver = tlsAlpn01Solver(challenges)
  const isShown = () => challenges.contextFor(challenge.name) !== undefined
  await solver.present(challenge, never)
  assert.equal(isShown(), true)
  await solver.cleanUp(challenge, never)
  await solver.cleanUp(challenge, never)
  assert.equal(isShown(), false)
  assert.equal(await solver.check(challenge, never), undefined)
  assert.equal(isShown(), true)
})

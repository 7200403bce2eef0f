import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tlsAlpn01Solver } from '#operator/challenges/tls-alpn01.ts'
import { FakeAdmin } from '#test/support/fake-admin.ts'

const signal = new AbortController().signal
const challenge = {
  type: 'tls-alpn-01',
  name: 'vault.example',
  token: 't',
  keyAuthorization: 't.x',
} as const

test('tlsAlpn01Solver() puts the proof to every member, and takes it from every one', async () => {
  const admins = [new FakeAdmin(), new FakeAdmin()]
  const members = () => admins.map((admin, at) => ({ name: `vault-${at}`, admin }))
  const solver = tlsAlpn01Solver({ members, wanted: 2 })
  await solver.present(challenge, signal)
  for (const { challenges } of admins) assert.deepEqual([...challenges], [['vault.example', 't.x']])
  assert.equal(await solver.check(challenge, signal), undefined)
  await solver.cleanUp(challenge, signal)
  for (const { challenges } of admins) assert.equal(challenges.size, 0)
})

test('tlsAlpn01Solver() waits for members that are missing or have no address', async () => {
  const one = { name: 'vault-0', admin: new FakeAdmin() }
  const missing = tlsAlpn01Solver({ members: () => [one], wanted: 2 })
  await assert.rejects(missing.present(challenge, signal), /1 of 2 members are there/)
  const away = { name: 'vault-1', admin: undefined }
  const starting = tlsAlpn01Solver({ members: () => [one, away], wanted: 2 })
  await assert.rejects(starting.present(challenge, signal), /member vault-1 has no address yet/)
})

import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Secret } from '#operator/kube/secret.ts'
import { tlsData } from '#operator/kube/tls-secret.ts'
import { takenOver } from '#operator/strongrooms/stages/taken-over.ts'
import { secret } from '#test/support/resources.ts'
import { strongroomWorld, type World } from '#test/support/strongroom-world.ts'

let world: World
before(async () => {
  world = await strongroomWorld()
})

const from = (data: Readonly<Record<string, string>>): Secret => ({ ...secret('theirs', {}), data })

test('takenOver() takes certificate, key and CA, and nothing else that lies beside them', () => {
  const data = { ...tlsData(world.open, { ca: 'CA' }), 'key.der': 'eA==' }
  const { steps, againAtMs } = takenOver(world.seen({ secrets: new Map() }), {
    secret: from(data),
    name: 'theirs',
  })
  const { 'key.der': _, ...rest } = data
  assert.deepEqual(steps, [{ kind: 'take-over', from: 'theirs', data: rest }])
  assert.equal(againAtMs, world.open.certificate.notAfter)
})

test('takenOver() takes what has no CA beside it: the world knows who signed', () => {
  const [step] = takenOver(world.seen({ secrets: new Map() }), {
    secret: from(tlsData(world.open)),
    name: 'theirs',
  }).steps
  assert.ok(step?.kind === 'take-over' && !('ca.crt' in step.data))
})

test('takenOver() does nothing where the same is there, and takes what lost its CA', () => {
  const take = (data: Readonly<Record<string, string>>) =>
    takenOver(world.seen(), { secret: from(data), name: 'theirs' }).steps.length
  assert.equal(take(tlsData(world.open)), 0)
  assert.equal(take(tlsData(world.open, { ca: 'CA' })), 1)
})

test('takenOver() takes nothing that fails a check, and names the Secret', () => {
  const { steps, trouble } = takenOver(world.seen(), { secret: undefined, name: 'theirs' })
  assert.deepEqual([steps, trouble?.reason], [[], 'SecretNotFound'])
  assert.match(trouble?.message ?? '', /"theirs"/)
})

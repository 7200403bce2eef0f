import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { plan } from '#operator/strongrooms/plan.ts'
import { secretsStage } from '#operator/strongrooms/stages/secrets.ts'
import { strongroomWorld, type World } from '#test/support/strongroom-world.ts'

let world: World
before(async () => {
  world = await strongroomWorld()
})

test('secretsStage() stops before anything is mounted or made of a Secret that may not be used', () => {
  assert.equal(secretsStage(world.seen()).halt, undefined)
  const planned = plan(world.seen({ secretRefused: 'why', masterKey: undefined }))
  assert.deepEqual(
    [planned.steps, planned.halt],
    [[], { kind: 'stalled', reason: 'SecretNotAllowed', message: 'why' }],
  )
})

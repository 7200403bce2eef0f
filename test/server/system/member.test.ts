import assert from 'node:assert/strict'
import { test } from 'node:test'
import { administratorWasMade, rememberAdministrator, topologyEtag } from '#server/system/member.ts'
import { memoryStore } from '#test/support/certificate-store.ts'

test('administratorWasMade() is false until it is remembered, and true from then on', async () => {
  const store = memoryStore()
  assert.equal(administratorWasMade(store), false)
  await rememberAdministrator(store)
  await topologyEtag(store, 'https://a')
  assert.equal(administratorWasMade(store), true)
})

test('topologyEtag() grows whenever the URL is another one, and only then', async () => {
  const store = memoryStore()
  const etags: number[] = []
  for (const url of ['https://a', 'https://a', 'https://b', 'https://b', 'https://a']) {
    etags.push(await topologyEtag(store, url))
  }
  assert.deepEqual(etags, [1, 1, 2, 2, 3])
})

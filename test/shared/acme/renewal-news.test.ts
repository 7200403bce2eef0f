import assert from 'node:assert/strict'
import { test } from 'node:test'
import { certificateId } from '#shared/acme/certificate-id.ts'
import { HttpsFailure } from '#shared/acme/https.ts'
import { renewalNews } from '#shared/acme/renewal-news.ts'
import { authority, server } from '#test/support/certificates.ts'
import { refused } from '#test/support/fake-ca.ts'

test('renewalNews() asks for the very certificate, and tells apart what it comes to', async () => {
  const { certificate } = await server(await authority())
  const asked: string[] = []
  const news = (answer: (count: number) => Promise<undefined | { start: number; end: number }>) =>
    renewalNews({ renewalInfo: (id) => answer(asked.push(id)) }, certificate)
  const info = { start: 1, end: 2 }
  assert.deepEqual(await news(async () => info), { kind: 'said', info })
  assert.deepEqual(await news(async () => undefined), { kind: 'none' })
  assert.deepEqual(await news(() => Promise.reject(refused({ status: 429, retryAfterMs: 5 }))), {
    kind: 'failed',
    detail: 'The CA refuses (429 malformed): no',
    retryAfterMs: 5,
  })
  const failure = new HttpsFailure('https://ca.test', 'does not answer')
  assert.deepEqual(await news(() => Promise.reject(failure)), {
    kind: 'failed',
    detail: 'https://ca.test does not answer',
  })
  await assert.rejects(
    news(() => Promise.reject(new TypeError('ours'))),
    TypeError,
  )
  assert.deepEqual([...new Set(asked)], [certificateId(certificate)])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { challengeResponder } from '#operator/challenges/responder.ts'
import { lookForAnswer } from '#shared/acme/http01-look.ts'

const asked = { name: '127.0.0.1', token: 't', keyAuthorization: 't.x' }
const { signal } = new AbortController()

test('lookForAnswer() says what it meets where the CA will look', async () => {
  let text: string | undefined = 't.x'
  const responder = await challengeResponder(0, () => text)
  const { port } = responder
  assert.equal(await lookForAnswer(asked, signal, { port }), undefined)
  text = 'other'
  assert.match((await lookForAnswer(asked, signal, { port })) ?? '', /answers something else$/)
  text = undefined
  assert.match((await lookForAnswer(asked, signal, { port })) ?? '', /answers 404$/)
  await responder[Symbol.asyncDispose]()
  assert.match(
    (await lookForAnswer(asked, signal, { port })) ?? '',
    /cannot be asked: .*ECONNREFUSED/,
  )
})

test('lookForAnswer() ends with its signal', async () => {
  const stopped = AbortSignal.abort(new Error('stopped'))
  await assert.rejects(lookForAnswer(asked, stopped, { port: 1 }), /stopped/)
})

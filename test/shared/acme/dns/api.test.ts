import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Api, apiUrl, needed } from '#shared/acme/dns/api.ts'

const api = new Api({ provider: 'Somebody', secrets: ['hush', ''], fixes: { 403: 'Do this' } })
const signal = new AbortController().signal

test('Api says who did not answer to what', async () => {
  await assert.rejects(
    api.call('do it', { method: 'GET', url: 'https://127.0.0.1:1/hush', signal }),
    {
      code: 'DnsProviderFailed',
      message:
        'Cannot do it (Somebody): https://127.0.0.1:1 does not answer: connect ECONNREFUSED 127.0.0.1:1. ' +
        'Check the address, the trusted authorities, and that the network lets us out',
    },
  )
})

test('Api ends with the reason of its caller', async () => {
  const ended = AbortSignal.abort(new Error('told to stop'))
  const call = api.call('do it', { method: 'GET', url: 'https://127.0.0.1:1/', signal: ended })
  await assert.rejects(call, /^Error: told to stop/)
})

test('Api repeats what the provider said on one line, bounded and without secrets', () => {
  const said = `no\n\u0000 hush ${'x'.repeat(1000)}`
  const { message } = api.refusal('do it', 403, said)
  assert.match(message, /^Cannot do it \(Somebody\): it answered 403: no … x{295}\. Do this$/)
  assert.match(api.refusal('do it', 500, '').message, /it answered 500\. It is tried again$/)
  assert.match(api.refusal('do it', 418, '').message, /418\. See what the provider says$/)
})

test('Api leaves out a secret in the forms in which an answer may repeat it', () => {
  const secret = 'a"b/c+d'
  const masking = new Api({ provider: 'x', secrets: [secret], fixes: {} })
  const base64 = Buffer.from(secret).toString('base64')
  const said = [secret, JSON.stringify(secret), encodeURIComponent(secret), base64].join(' ')
  assert.match(masking.refusal('do it', 400, said).message, /400: … "…" … …\./)
})

test('apiUrl() takes https addresses without user, password and query', () => {
  assert.equal(apiUrl('x', 'https://a.test/'), 'https://a.test')
  assert.equal(apiUrl('x', 'https://a.test:1/b/'), 'https://a.test:1/b')
  for (const text of [
    '',
    'http://a',
    'https://hush@a',
    'https://a:hush@b',
    'https://a?hush=hush',
  ]) {
    assert.throws(
      () => apiUrl('x', text),
      (error: Error) => /no https/.test(error.message) && !error.message.includes('hush'),
    )
  }
})

test('needed() takes the text without blanks, and refuses none', () => {
  assert.equal(needed(' a\n', 'it'), 'a')
  for (const nothing of [undefined, '', ' \n']) {
    assert.throws(() => needed(nothing, 'the key'), {
      code: 'DnsSolverInvalid',
      message: /the key is missing/,
    })
  }
})

import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { dns01Solver } from '#server/acme/dns01.ts'
import { dnsSecretBytesMax } from '#server/limits.ts'
import { systemClock } from '#shared/clock.ts'
import { temporaryFolder } from '#test/support/storage.ts'

const secret = Buffer.alloc(32, 7).toString('base64')
const update = { server: '127.0.0.1:5353', zone: 'lab.test', tsigKeyName: 'key' }

async function made(content: unknown, secrets: Readonly<Record<string, string>> = {}) {
  await using folder = await temporaryFolder()
  const [path, secretsFolder] = [join(folder.path, 'dns.json'), join(folder.path, 'secrets')]
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  await mkdir(secretsFolder)
  for (const [name, text] of Object.entries(secrets))
    await writeFile(join(secretsFolder, name), text)
  return await dns01Solver({ path, secretsFolder, clock: systemClock })
}

test('dns01Solver() makes each provider from its file and its secrets', async () => {
  const rfc2136 = { ...update, tsigAlgorithm: 'hmac-sha512' }
  const common = { cnameStrategy: 'Follow', check: 'Recursive', nameservers: ['127.0.0.1:53'] }
  assert.equal((await made({ rfc2136, ...common }, { tsigSecret: `${secret}\n` })).type, 'dns-01')
  assert.equal((await made({ cloudflare: {} }, { cloudflareToken: 'token' })).type, 'dns-01')
})

for (const [what, content, why] of [
  ['no JSON', '{', /it is not of that shape/],
  ['a provider that is none', { hetzner: {} }, /there is no "hetzner" in it/],
  ['a misspelt member', { rfc2136: { ...update, tsigKey: 'a' } }, /no "rfc2136\.tsigKey" in it/],
  ['a provider without its server', { rfc2136: {} }, /it is not of that shape/],
  ['a word that is none', { cloudflare: {}, check: 'Never' }, /it is not of that shape/],
] as const) {
  test(`dns01Solver() refuses ${what}`, async () => {
    await assert.rejects(made(content), { code: 'OrderSettingInvalid', message: why })
  })
}

test('dns01Solver() refuses no provider, and two', async () => {
  const invalid = { code: 'DnsSolverInvalid' }
  await assert.rejects(made({}), invalid)
  const both = { cloudflare: {}, rfc2136: update }
  await assert.rejects(made(both, { tsigSecret: secret, cloudflareToken: 'token' }), invalid)
})

test('dns01Solver() shows no secret in its errors', async () => {
  for (const text of ['not base64: s3cret', 's3cret'.repeat(dnsSecretBytesMax)]) {
    const error = await made({ rfc2136: update }, { tsigSecret: text }).catch(String)
    assert.equal(String(error).includes('s3cret'), false)
  }
})

test('dns01Solver() says which file is missing', async () => {
  const parts = { secretsFolder: undefined, clock: systemClock }
  const refused = { code: 'OrderSettingInvalid', message: /Dns\.Path/ }
  await assert.rejects(dns01Solver({ ...parts, path: undefined }), refused)
  await assert.rejects(dns01Solver({ ...parts, path: '/nonexistent' }), refused)
})

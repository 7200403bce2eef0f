import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Identity } from '#server/access/identity.ts'
import { frontPageRoutes } from '#server/http/routes/front-page.ts'
import { routeServer } from '#test/support/route-server.ts'

async function ask(identity: unknown, accept: string) {
  const admit = (request: { identity: Identity }) => {
    request.identity = identity as Identity
  }
  await using server = await routeServer(frontPageRoutes(), { admit })
  return await server.inject({ url: '/', headers: { accept } })
}

const stranger = { kind: 'unknown', certificate: { subject: 'CN=<script>alert(1)</script>&"' } }

test('frontPageRoutes() tell a browser what this is and who it is, and run nothing', async () => {
  const { statusCode, headers, body } = await ask({ kind: 'none' }, 'text/html,*/*;q=0.8')
  assert.equal(statusCode, 200)
  assert.match(String(headers['content-type']), /^text\/html/)
  assert.match(String(headers['content-security-policy']), /^default-src 'none'/)
  assert.match(body, /presented no certificate/)
  assert.doesNotMatch(body, /<script|<img|<link|https?:\/\/[a-z]/)
  const registration = { name: 'Ann', thumbprint: 'AB12' }
  assert.match(
    (await ask({ kind: 'registered', registration, certificate: registration }, 'text/html')).body,
    /“Ann”.*AB12/,
  )
})

test('frontPageRoutes() write a stranger’s subject as text', async () => {
  const { body } = await ask(stranger, 'text/html')
  assert.ok(body.includes('CN=&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;'))
})

test('frontPageRoutes() send programs where RavenDB sends them', async () => {
  const { statusCode, headers, body } = await ask({ kind: 'none' }, '*/*')
  assert.deepEqual([statusCode, headers.location, body], [302, '/studio/index.html', ''])
})

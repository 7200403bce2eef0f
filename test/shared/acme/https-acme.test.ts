/** The client against a server that a test makes; against a real CA it stands in test/flows. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { publicJwk, thumbprint } from '#shared/acme/jws.ts'
import { AcmeProblem } from '#shared/acme/problem.ts'
import { certificatePem } from '#shared/pki/pem.ts'
import { acmeServer } from '#test/support/acme-server.ts'
import { authority, server as serverCertificate } from '#test/support/certificates.ts'

const orderBody = {
  status: 'pending',
  expires: '2026-11-26T00:00:00Z',
  authorizations: ['https://ca.test/authorization/1'],
  finalize: 'https://ca.test/finalize/1',
}

describe('httpsAcme() orders', () => {
  test('with names of both kinds, profile and replaces, and reads what comes back', async () => {
    await using server = await acmeServer(() => ({
      status: 201,
      headers: { location: 'https://ca.test/order/1', 'retry-after': '3' },
      body: orderBody,
    }))
    const wanted = {
      names: ['*.shop.example', '10.0.0.1', '::1'],
      profile: 'short',
      replaces: 'a.b',
    }
    assert.deepEqual(await server.api.newOrder(wanted), {
      url: 'https://ca.test/order/1',
      status: 'pending',
      expiresAt: Date.UTC(2026, 10, 26),
      authorizations: ['https://ca.test/authorization/1'],
      finalize: 'https://ca.test/finalize/1',
      certificate: undefined,
      problem: undefined,
      retryAfterMs: 3000,
    })
    const [request] = server.requests
    assert.deepEqual(request?.payload, {
      identifiers: [
        { type: 'dns', value: '*.shop.example' },
        { type: 'ip', value: '10.0.0.1' },
        { type: 'ip', value: '::1' },
      ],
      profile: 'short',
      replaces: 'a.b',
    })
    assert.deepEqual(request?.header, {
      alg: 'ES256',
      kid: `${server.origin}/account/1`,
      nonce: 'nonce-1',
      url: `${server.origin}/newOrder`,
    })
    assert.equal(request?.headers['content-type'], 'application/jose+json')
  })

  test('reading orders and authorizations by POST-as-GET, answering with an empty object', async () => {
    const authorization = {
      status: 'pending',
      identifier: { type: 'dns', value: 'shop.example' },
      wildcard: true,
      challenges: [
        { type: 'dns-01', url: 'https://ca.test/challenge/1', token: 'abc', status: 'pending' },
        { type: 'dns-persist-01', status: 'pending' },
      ],
    }
    await using server = await acmeServer(({ path }) => ({
      body: path === '/order' ? orderBody : path === '/authorization' ? authorization : {},
    }))
    const { api, origin } = server
    assert.equal((await api.order(`${origin}/order`)).url, `${origin}/order`)
    const found = await api.authorization(`${origin}/authorization`)
    assert.deepEqual(
      [found.name, found.challenges.map(({ type }) => type)],
      ['*.shop.example', ['dns-01']],
    )
    await api.answer(`${origin}/challenge`)
    await api.finalize({ url: `${origin}/order`, finalize: `${origin}/order` }, Buffer.from('csr'))
    assert.deepEqual(
      server.requests.map(({ payload }) => payload),
      ['', '', {}, { csr: 'Y3Ny' }],
    )
    assert.equal(api.thumbprint, thumbprint(server.key))
  })

  test('and gives the chain that is preferred, tidy, from the alternates', async () => {
    const [old, fresh] = [await authority('Old Root'), await authority('New Root')]
    const [one, two] = [await serverCertificate(old), await serverCertificate(fresh)]
    const pem = (...issued: { certificate: { der: Buffer } }[]) =>
      issued.map(({ certificate }) => certificatePem(certificate)).join('')
    await using server = await acmeServer(({ path }) => ({
      headers: {
        link: [`<${path}>;rel="index"`, '</other>;rel="alternate"'],
        'content-type': 'application/pem-certificate-chain',
      },
      body: path === '/other' ? `\n${pem(two, fresh)}` : pem(one, old),
    }))
    const url = `${server.origin}/chain`
    assert.equal(await server.api.certificate(url), pem(one))
    assert.equal(await server.api.certificate(url, 'Old Root'), pem(one))
    assert.equal(server.requests.length, 2)
    assert.equal(await server.api.certificate(url, 'New Root'), pem(two))
    assert.equal(await server.api.certificate(url, 'No Root'), pem(one))
    assert.equal(server.requests[0]?.headers.accept, 'application/pem-certificate-chain')
  })
})

describe('httpsAcme() keeps accounts', () => {
  const account = { status: 'valid', contact: ['mailto:a@shop.example'] }

  test('new ones with contact and external binding, signed with the whole key', async () => {
    await using server = await acmeServer(() => ({
      status: 201,
      headers: { location: 'https://ca.test/account/7' },
      body: account,
    }))
    const externalAccount = { keyId: 'kid-1', key: Buffer.from('secret') }
    const made = await server.api.newAccount({ contact: account.contact, externalAccount })
    assert.deepEqual(made, { url: 'https://ca.test/account/7', ...account })
    const { header, payload } = server.requests[0] ?? assert.fail()
    assert.deepEqual(header.jwk, publicJwk(server.key))
    const { externalAccountBinding: binding, ...rest } = payload as Record<string, unknown>
    assert.deepEqual(rest, { termsOfServiceAgreed: true, contact: account.contact })
    const bound = binding as { protected: string; payload: string }
    assert.deepEqual(decoded(bound.protected), {
      alg: 'HS256',
      kid: 'kid-1',
      url: `${server.origin}/newAccount`,
    })
    assert.deepEqual(decoded(bound.payload), publicJwk(server.key))
  })

  test('found by their key once, where nobody names their URL', async () => {
    await using server = await acmeServer(
      ({ path }) =>
        path === '/newAccount'
          ? { headers: { location: 'https://ca.test/account/7' }, body: account }
          : { body: orderBody },
      { accountUrl: undefined },
    )
    await server.api.order(`${server.origin}/order`)
    await server.api.order(`${server.origin}/order`)
    assert.deepEqual(
      server.requests.map(({ path, payload, header }) => [path, payload, header.kid]),
      [
        ['/newAccount', { onlyReturnExisting: true }, undefined],
        ['/order', '', 'https://ca.test/account/7'],
        ['/order', '', 'https://ca.test/account/7'],
      ],
    )
  })

  test('with another contact, another key, and until they are deactivated', async () => {
    await using server = await acmeServer(() => ({ body: account }))
    const { api, origin, key } = server
    assert.deepEqual(await api.account(), { url: `${origin}/account/1`, ...account })
    await api.changeContact(['mailto:b@shop.example'])
    const next = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    await api.changeKey(next)
    assert.equal(api.thumbprint, thumbprint(next))
    await api.deactivate()
    const [, contact, change, end] = server.requests
    assert.deepEqual(contact?.payload, { contact: ['mailto:b@shop.example'] })
    const inner = change?.payload as { protected: string; payload: string }
    assert.deepEqual(decoded(inner.protected), {
      alg: 'RS256',
      jwk: publicJwk(next),
      url: `${origin}/keyChange`,
    })
    assert.deepEqual(decoded(inner.payload), {
      account: `${origin}/account/1`,
      oldKey: publicJwk(key),
    })
    assert.deepEqual([end?.payload, end?.header.alg], [{ status: 'deactivated' }, 'RS256'])
  })
})

describe('httpsAcme() reads', () => {
  test('the directory once an hour, with profiles and what it demands', async () => {
    const meta = { profiles: { short: 'six days' }, externalAccountRequired: true }
    await using server = await acmeServer(() => ({}), { directory: { meta } })
    const directory = await server.api.directory()
    assert.deepEqual(
      [directory.profiles, directory.externalAccountRequired, directory.renewalInfo],
      [meta.profiles, true, `${server.origin}/renewalInfo`],
    )
    await server.api.directory()
    assert.deepEqual(server.asked(), ['GET /directory'])
  })

  test('renewal information where the CA has it, and says when it makes no sense', async () => {
    const window = { start: '2026-11-26T00:00:00Z', end: '2026-11-27T00:00:00Z' }
    await using server = await acmeServer(({ path }) => ({
      headers: { 'retry-after': '60' },
      body: path === '/renewalInfo/a.b' ? { suggestedWindow: window } : { suggestedWindow: {} },
    }))
    assert.deepEqual(await server.api.renewalInfo('a.b'), {
      start: Date.UTC(2026, 10, 26),
      end: Date.UTC(2026, 10, 27),
      explanationUrl: undefined,
      retryAfterMs: 60_000,
    })
    await assert.rejects(server.api.renewalInfo('c.d'), /names no window/)
    await using without = await acmeServer(() => ({}), { directory: { renewalInfo: undefined } })
    assert.equal(await without.api.renewalInfo('a.b'), undefined)
  })
})

test('httpsAcme() revokes a certificate with a reason', async () => {
  await using server = await acmeServer()
  await server.api.revoke(Buffer.from('der'), 4)
  assert.deepEqual(server.requests[0]?.payload, { certificate: 'ZGVy', reason: 4 })
  assert.deepEqual(server.counted, ['directory 200', 'revoke 200'])
})

test('httpsAcme() needs no address that it does not use, and says which is missing', async () => {
  for (const none of [null, undefined]) {
    const directory = { keyChange: none, revokeCert: none, renewalInfo: none, meta: none }
    await using server = await acmeServer(() => ({}), { directory })
    assert.equal((await server.api.directory()).externalAccountRequired, false)
    assert.equal(await server.api.renewalInfo('a.b'), undefined)
    await assert.rejects(server.api.revoke(Buffer.from('der')), /names no address for "revokeCert"/)
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    await assert.rejects(server.api.changeKey(privateKey), /names no address for "keyChange"/)
  }
})

test('httpsAcme() refuses answers that are none of ACME', async () => {
  await using server = await acmeServer(() => ({ body: '<html>hello</html>' }))
  const url = `${server.origin}/x`
  const { api } = server
  for (const call of [() => api.order(url), () => api.authorization(url), () => api.account()])
    await assert.rejects(call(), (error) => {
      assert.ok(error instanceof AcmeProblem)
      assert.equal(error.type, 'strongroom:senselessAnswer')
      return true
    })
  await using nowhere = await acmeServer(() => ({}), { directory: { newOrder: 7 } })
  await assert.rejects(nowhere.api.directory(), /no ACME directory/)
})

function decoded(part: string): unknown {
  return JSON.parse(Buffer.from(part, 'base64url').toString())
}

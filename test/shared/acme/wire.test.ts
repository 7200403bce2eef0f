/** CAs are written in many languages, and some of them write null for what they do not have: every optional member is nulled and removed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accountOf, authorizationOf, orderOf, renewalInfoOf } from '#shared/acme/answers.ts'
import type { HttpsAnswer } from '#shared/acme/https.ts'
import { refusal } from '#shared/acme/problem.ts'
import { wire } from '#shared/acme/wire.ts'

const url = 'https://ca.test/x'
const identifier = { type: 'dns', value: 'db.example' }
const problem = {
  type: 'urn:ietf:params:acme:error:dns',
  title: 't',
  status: 400,
  detail: 'words',
  instance: url,
  subproblems: [{ type: 'a', detail: 'b', identifier }],
}

interface Said {
  readonly whole: Readonly<Record<string, unknown>>
  /** Paths of what nobody can do without. */
  readonly required: readonly string[]
  readonly read: (body: unknown) => unknown
}

/** Objects of RFC 8555 section 7.1 and RFC 9773, with every member that they may have. */
const objects: Readonly<Record<string, Said>> = {
  directory: {
    whole: {
      newNonce: url,
      newAccount: url,
      newOrder: url,
      newAuthz: url,
      revokeCert: url,
      keyChange: url,
      renewalInfo: url,
      meta: {
        termsOfService: url,
        website: url,
        caaIdentities: ['ca.test'],
        externalAccountRequired: true,
        profiles: { default: 'words' },
      },
    },
    required: ['newNonce', 'newAccount', 'newOrder'],
    read: (body) => wire.directory.read(JSON.stringify(body)) ?? assert.fail('no directory'),
  },
  account: {
    whole: {
      status: 'valid',
      contact: ['mailto:a@b.test'],
      termsOfServiceAgreed: true,
      externalAccountBinding: {},
      orders: url,
    },
    required: ['status'],
    read: (body) => accountOf(answer(body), url),
  },
  order: {
    whole: {
      status: 'invalid',
      expires: '2027-01-01T00:00:00Z',
      identifiers: [identifier],
      notBefore: '2027-01-01T00:00:00Z',
      notAfter: '2027-01-01T00:00:00Z',
      error: problem,
      authorizations: [url],
      finalize: url,
      certificate: url,
      replaces: 'x.y',
      profile: 'default',
    },
    required: ['status', 'finalize'],
    read: (body) => orderOf(answer(body), url, 0),
  },
  authorization: {
    whole: {
      status: 'valid',
      expires: '2027-01-01T00:00:00Z',
      identifier,
      challenges: [
        {
          type: 'http-01',
          url,
          status: 'valid',
          validated: '2027-01-01T00:00:00Z',
          error: problem,
          token: 'abc',
        },
      ],
      wildcard: true,
    },
    required: [
      ...['status', 'identifier', 'identifier.type', 'identifier.value'],
      ...['challenges.0.type', 'challenges.0.status'],
    ],
    read: (body) => authorizationOf(answer(body), 0),
  },
  'renewal information': {
    whole: {
      suggestedWindow: { start: '2027-01-01T00:00:00Z', end: '2027-01-02T00:00:00Z' },
      explanationURL: url,
    },
    required: ['suggestedWindow', 'suggestedWindow.start', 'suggestedWindow.end'],
    read: (body) => renewalInfoOf(answer(body), 0),
  },
  problem: {
    whole: problem,
    required: [],
    read: (body) => assert.notEqual(refusal(answer(body), 0).type, 'strongroom:noProblemDocument'),
  },
}

for (const [name, { whole, required, read }] of Object.entries(objects)) {
  test(`a CA may leave out, or null, every member of its ${name} that is optional`, () => {
    read(whole)
    for (const path of pathsIn(whole)) {
      for (const value of [null, undefined]) {
        const body = changed(whole, path, value)
        if (required.includes(path)) assert.throws(() => read(body), `${path}: ${value}`)
        else assert.doesNotThrow(() => read(body), `${path}: ${value}`)
      }
    }
  })
}

test('orderOf() reads an order in which nothing is left to be proven', () => {
  for (const authorizations of [null, [], undefined]) {
    const body = { status: 'ready', authorizations, finalize: url }
    assert.deepEqual(orderOf(answer(body), url, 0).authorizations, [])
  }
})

test('authorizationOf() writes an IPv6 address in one way, however the CA does', () => {
  for (const value of ['2001:DB8::1', '2001:db8:0:0:0:0:0:1'])
    assert.equal(
      authorizationOf(answer({ status: 'pending', identifier: { type: 'ip', value } }), 0).name,
      '2001:db8::1',
    )
})

function answer(body: unknown): HttpsAnswer {
  return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(body)) }
}

/** Of every member, at every depth: `meta.profiles`. Items of lists are members of nothing, but have some. */
function pathsIn(value: unknown, before = ''): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => [
    ...(Array.isArray(value) ? [] : [`${before}${name}`]),
    ...pathsIn(member, `${before}${name}.`),
  ])
}

function changed(whole: unknown, path: string, value: null | undefined): unknown {
  // Not `structuredClone`, in which what is there twice stays one object.
  const copy = JSON.parse(JSON.stringify(whole)) as Record<string, unknown>
  const names = path.split('.')
  const last = names.pop() ?? ''
  let place = copy
  for (const name of names) place = place[name] as Record<string, unknown>
  place[last] = value
  return copy
}

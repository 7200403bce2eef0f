/** The port over a real HTTPS server that a test makes: what is asked, how answers are read, and whom it does not speak to. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { type Admin, type Endpoint, Refused, Unreachable } from '#operator/admin/admin.ts'
import { httpsAdmin } from '#operator/admin/https-admin.ts'
import {
  type Answer,
  json,
  type Pair,
  type TestAuthority,
  type TlsServer,
  testAuthority,
  tlsServer,
} from '#test/support/https-server.ts'

let ca: TestAuthority
let pair: Pair
let operator: Pair
before(async () => {
  ca = await testAuthority()
  pair = await ca.server()
  operator = await ca.client('operator')
})

interface Scene extends AsyncDisposable {
  readonly admin: Admin
  readonly server: TlsServer
  readonly endpoint: Endpoint
}

async function scene(
  answer: Answer,
  served: Pair = pair,
  given: Partial<Endpoint> = {},
): Promise<Scene> {
  const server = await tlsServer(served, answer, ca.pem)
  const endpoint: Endpoint = {
    address: '127.0.0.1',
    port: server.port,
    serverName: 'localhost',
    trust: ca.pem,
    certificate: operator.cert,
    key: operator.key,
    ...given,
  }
  const dispose = async (): Promise<void> => server[Symbol.asyncDispose]()
  return { admin: httpsAdmin(endpoint), server, endpoint, [Symbol.asyncDispose]: dispose }
}

const rights = { name: 'shop', clearance: 'ValidUser', permissions: { orders: 'Read' } } as const
const state = {
  StoreId: 's',
  StoreCommit: 5,
  Version: '0.1.0',
  MasterKeyIds: ['k1'],
  Databases: [],
  Serves: { Internal: null, Public: null },
}

test('httpsAdmin() asks a member to prove a name, and to end that', async () => {
  await using it = await scene((_, answer) => json(answer, 200, {}))
  await it.admin.presentChallenge('vault.example.com', 'token.thumbprint')
  await it.admin.withdrawChallenge('2001:db8::1')
  const asked = it.server.asked.map(({ method, url, body }) => [method, url, body])
  const proof = { Name: 'vault.example.com', KeyAuthorization: 'token.thumbprint' }
  assert.deepEqual(asked, [
    ['PUT', '/admin/strongroom/challenges', JSON.stringify(proof)],
    ['DELETE', '/admin/strongroom/challenges?name=2001%3Adb8%3A%3A1', ''],
  ])
})

describe('httpsAdmin() asks', () => {
  const cases: readonly [
    name: string,
    call: (admin: Admin) => Promise<unknown>,
    requests: readonly [method: string, path: string, body: unknown][],
  ][] = [
    [
      'for an encrypted database: first its key, then itself',
      (admin) => admin.createDatabase({ name: 'a b', key: Buffer.from('key') }),
      [
        ['POST', '/admin/secrets?name=a+b', 'a2V5'],
        [
          'PUT',
          '/admin/databases?name=a+b&replicationFactor=1',
          { DatabaseName: 'a b', Encrypted: true },
        ],
      ],
    ],
    [
      'for a plain database',
      (admin) => admin.createDatabase({ name: 'a' }),
      [
        [
          'PUT',
          '/admin/databases?name=a&replicationFactor=1',
          { DatabaseName: 'a', Encrypted: false },
        ],
      ],
    ],
    [
      'a database away',
      (admin) => admin.deleteDatabase('a'),
      [['DELETE', '/admin/databases', { DatabaseNames: ['a'], HardDelete: true }]],
    ],
    [
      'a certificate in',
      (admin) => admin.putCertificate(Buffer.from('der'), rights),
      [
        [
          'PUT',
          '/admin/certificates',
          {
            Name: 'shop',
            SecurityClearance: 'ValidUser',
            Permissions: { orders: 'Read' },
            Certificate: 'ZGVy',
          },
        ],
      ],
    ],
    [
      'for other rights',
      (admin) => admin.editCertificate('AB', rights),
      [
        [
          'POST',
          '/admin/certificates/edit',
          {
            Name: 'shop',
            SecurityClearance: 'ValidUser',
            Permissions: { orders: 'Read' },
            Thumbprint: 'AB',
          },
        ],
      ],
    ],
    [
      'for rights that end by themselves',
      (admin) =>
        admin.editCertificate('AB', {
          ...rights,
          clearance: 'Operator',
          ends: { orders: Date.UTC(2026, 6, 1) },
          clearanceEndsAtMs: Date.UTC(9999, 11, 31),
        }),
      [
        [
          'POST',
          '/admin/certificates/edit',
          {
            Name: 'shop',
            SecurityClearance: 'Operator',
            Permissions: { orders: 'Read' },
            PermissionExpirations: { orders: '2026-07-01T00:00:00.000Z' },
            SecurityClearanceExpiration: '9999-12-31T00:00:00.000Z',
            Thumbprint: 'AB',
          },
        ],
      ],
    ],
    [
      'a certificate out',
      (admin) => admin.deleteCertificate('AB'),
      [['DELETE', '/admin/certificates?thumbprint=AB', '']],
    ],
  ]
  for (const [name, call, requests] of cases) {
    test(name, async () => {
      await using it = await scene((_, answer) => json(answer, 200, {}))
      await call(it.admin)
      const asked = it.server.asked.map(({ method, url, body }) => {
        const isJson = body.startsWith('{')
        return [
          method,
          url.replace(/[?&]raft-request-id=[^&]+/, ''),
          isJson ? JSON.parse(body) : body,
        ]
      })
      assert.deepEqual(asked, requests)
      for (const { caller, headers, url } of it.server.asked) {
        assert.equal(caller, 'operator')
        assert.equal(headers.host, `localhost:${it.server.port}`)
        assert.match(url, /raft-request-id=[0-9a-f-]{36}/)
      }
      const ids = it.server.asked.map(({ url }) => /raft-request-id=([^&]+)/.exec(url)?.[1])
      assert.equal(new Set(ids).size, ids.length, 'each change has an id of its own')
    })
  }
})

test('httpsAdmin() does not mind that a certificate is gone already, and minds everything else', async () => {
  for (const [status, code, passes] of [
    [404, '', true],
    [400, 'CertificateToDeleteNotFound', true],
    [400, 'LastAdministrator', false],
    [403, '', false],
    [500, '', false],
  ] as const) {
    await using it = await scene((_, answer) => {
      answer.setHeader('strongroom-error', code)
      return json(answer, status, { Type: 'x', Message: 'y' })
    })
    const deleted = it.admin.deleteCertificate('AB')
    if (passes) await deleted
    else await assert.rejects(deleted, { name: 'Refused', status, code })
  }
})

describe('httpsAdmin() reads', () => {
  test('the state', async () => {
    await using it = await scene((_, answer) => json(answer, 200, state))
    assert.deepEqual(await it.admin.state(), state)
    assert.equal(it.server.asked[0]?.url, '/admin/strongroom/state')
  })

  test('the certificates, their end in milliseconds, whatever else is in the records', async () => {
    const result = {
      Name: 'shop',
      Thumbprint: 'AB',
      PublicKeyPinningHash: 'pin',
      SecurityClearance: 'ValidUser',
      Permissions: { orders: 'Read' },
      NotAfter: '2027-01-02T03:04:05.0000000Z',
      HasTwoFactor: false,
    }
    await using it = await scene((_, answer) => json(answer, 200, { Results: [result], Next: 1 }))
    assert.deepEqual(await it.admin.certificates(), [
      {
        name: 'shop',
        thumbprint: 'AB',
        publicKeyPin: 'pin',
        clearance: 'ValidUser',
        permissions: { orders: 'Read' },
        ends: {},
        notAfter: Date.UTC(2027, 0, 2, 3, 4, 5),
      },
    ])
  })

  test('when rights end, where they do', async () => {
    const base = {
      ...{ Name: 'shop', Thumbprint: 'AB', PublicKeyPinningHash: 'pin' },
      ...{ SecurityClearance: 'Operator', Permissions: { orders: 'Unheard-of' } },
      NotAfter: '2027-01-02T03:04:05.0000000Z',
    }
    const PermissionExpirations = { orders: '2026-07-01T00:00:00.0000000Z' }
    const SecurityClearanceExpiration = '2026-08-01T00:00:00.0000000'
    const Results = [
      base,
      { ...base, PermissionExpirations: {}, SecurityClearanceExpiration: null },
      { ...base, PermissionExpirations, SecurityClearanceExpiration },
    ]
    await using it = await scene((_, answer) => json(answer, 200, { Results }))
    const found = await it.admin.certificates()
    assert.deepEqual(
      found.map(({ ends, clearanceEndsAtMs }) => [ends, clearanceEndsAtMs]),
      [
        [{}, undefined],
        [{}, undefined],
        [{ orders: Date.UTC(2026, 6, 1) }, Date.UTC(2026, 7, 1)],
      ],
    )
    assert.equal(found[0]?.permissions.orders, 'Unheard-of', 'one hides no other')
  })

  test('an answer of something else as such', async () => {
    for (const body of [
      '',
      'hello',
      '{}',
      '[]',
      'null',
      JSON.stringify({ ...state, StoreCommit: -1 }),
    ]) {
      await using it = await scene((_, answer) => answer.writeHead(200).end(body))
      await assert.rejects(it.admin.state(), /Cannot understand the answer of the server/, body)
      await assert.rejects(it.admin.certificates(), Refused)
    }
  })

  test('a refusal with RavenDB’s type and text, or what there is of it', async () => {
    const type = 'Raven.Client.Exceptions.ConcurrencyException'
    const cases: readonly [body: string, type: string, message: RegExp][] = [
      [JSON.stringify({ Type: type, Message: 'it exists', Error: 'x' }), type, /^it exists$/],
      ['<html>', 'Unknown', /^HTTP 409 without a readable body$/],
      ['{}', 'Unknown', /without a readable body/],
      ['null', 'Unknown', /without a readable body/],
      ['{"Type":1,"Message":{}}', 'Unknown', /without a readable body/],
    ]
    for (const [body, expected, message] of cases) {
      await using it = await scene((_, answer) => answer.writeHead(409).end(body))
      await assert.rejects(it.admin.state(), (error: Refused) => {
        assert.ok(error instanceof Refused)
        assert.deepEqual([error.status, error.type], [409, expected])
        assert.match(error.message, message)
        return true
      })
    }
  })
})

test('httpsAdmin() enables a database, and fails where the server did not', async () => {
  const answers = [
    { Status: [{ Name: 'a', Success: true }] },
    { Status: [{ Name: 'a', Success: false, Reason: 'It does not exist' }] },
  ]
  for (const [index, body] of answers.entries()) {
    await using it = await scene((_, answer) => json(answer, 200, body))
    const enabled = it.admin.enableDatabase('a')
    await (index === 0 ? enabled : assert.rejects(enabled, /It does not exist/))
    const [asked] = it.server.asked
    assert.match(asked?.url ?? '', /^\/admin\/databases\/enable\?raft-request-id=/)
    assert.equal(asked?.body, '{"DatabaseNames":["a"]}')
  }
})

describe('httpsAdmin() does not speak to', () => {
  const refusal = async (served: Pair, given: Partial<Endpoint> = {}): Promise<string> => {
    await using it = await scene((_, answer) => json(answer, 200, state), served, given)
    const error = await it.admin.state().then(
      () => assert.fail('it spoke'),
      (reason: unknown) => reason,
    )
    assert.ok(error instanceof Unreachable)
    assert.match(error.message, /^Cannot reach \S+ at 127\.0\.0\.1:\d+: /)
    assert.deepEqual(it.server.asked, [], 'nothing was sent')
    return error.message
  }

  test('a server of another authority', async () => {
    const other = await testAuthority('Another')
    assert.match(await refusal(await other.server()), /unable to verify the first certificate/)
  })

  test('a server whose certificate has expired', async () => {
    assert.match(await refusal(await ca.server(-0.5)), /certificate has expired/)
  })

  test('a server under another name than the member’s', async () => {
    const serverName = 'vault-0.vault-members.shop.svc'
    assert.match(await refusal(pair, { serverName }), /does not match certificate's altnames/)
  })
})

describe('httpsAdmin() gives up', () => {
  test('on a server that is not there, or cuts the connection', async () => {
    await using it = await scene((_, answer) => answer.destroy())
    await assert.rejects(it.admin.state(), Unreachable)
    const { port } = it.server
    await it.server[Symbol.asyncDispose]()
    await assert.rejects(httpsAdmin({ ...it.endpoint, port }).state(), /ECONNREFUSED/)
  })

  test('on an answer that stops in its middle', async () => {
    await using it = await scene((_, answer) => {
      answer.writeHead(200, { 'content-length': '100' }).write('{')
      setTimeout(() => answer.destroy(), 20)
    })
    await assert.rejects(it.admin.state(), Unreachable)
  })
})

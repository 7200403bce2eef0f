/** Rights at the moment of the action: they are looked at again when a body that was on its way has arrived. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { before, test } from 'node:test'
import { accessHook } from '#server/access/hook.ts'
import { presentations } from '#server/access/identity.ts'
import { httpServer } from '#server/http/server.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import { type Issued, makeKeyPair } from '#shared/pki/issue.ts'
import { admin, certificateStore } from '#test/support/certificate-store.ts'
import { authority, client } from '#test/support/certificates.ts'

let ca: Issued
let boss: Certificate
let renewed: Certificate
before(async () => {
  ca = await authority()
  const keys = await makeKeyPair('p-256')
  boss = (await client(ca, { keys })).certificate
  renewed = (await client(ca, { keys })).certificate
})

const clusterAdmin = { clearance: 'ClusterAdmin', permissions: {} } as const

/** Routes of every level behind the real hook; a body of which the second half comes after `meanwhile`. */
async function scene(caller: Certificate) {
  const store = certificateStore()
  const { certificates, registry, clock, events } = store
  await certificates.register(admin, {
    name: 'boss',
    rights: clusterAdmin,
    certificates: [boss, ca.certificate],
  })
  const admit = accessHook({
    ...{ registry, clock, identified: () => undefined, presentedBy: presentations() },
    recordRenewal: (presented, renewal) => certificates.renew(presented, renewal),
    audit: (event) => events.push(event),
  })
  const done: string[] = []
  const handle = (text: string) => () => {
    done.push(text)
    return 'done'
  }
  const http = httpServer({
    routes: [
      {
        method: 'PUT',
        path: '/admin/x',
        action: { level: 'ClusterAdmin' },
        handle: handle('admin'),
      },
      {
        method: 'POST',
        path: '/databases/:database/bulk_docs',
        action: { level: 'ReadWrite', database: 'path' },
        handle: handle('batch'),
      },
    ],
    listener: (handler) => createServer(handler),
    admit: (request) => {
      const peer = { raw: caller.der }
      const socket = { remoteAddress: '127.0.0.1', getPeerX509Certificate: () => peer }
      Object.defineProperty(request.raw, 'socket', { value: socket })
      return admit(request)
    },
    ...{ origins: undefined, headers: {}, topologyEtag: 1, observe: () => undefined },
    internalError: (error) => {
      throw error
    },
  })
  await http.ready()
  const ask = async (
    method: 'PUT' | 'POST',
    url: string,
    meanwhile: () => Promise<unknown> | undefined,
  ) => {
    async function* halves() {
      yield Buffer.from('{"a"')
      await meanwhile()
      yield Buffer.from(':1}')
    }
    const payload = Readable.from(halves())
    const headers = { 'transfer-encoding': 'chunked' }
    const { statusCode } = await http.inject({ method, url, payload, headers })
    return statusCode
  }
  return { ...store, ask, done, [Symbol.asyncDispose]: () => http.close() }
}

type Scene = Awaited<ReturnType<typeof scene>>
const user = { clearance: 'ValidUser', permissions: {} } as const
const edited = (more: object) => (on: Scene) =>
  on.certificates.edit(admin, {
    ...{ thumbprint: boss.thumbprint, name: 'boss', rights: clusterAdmin },
    ...more,
  })

const losses: Readonly<Record<string, (on: Scene) => Promise<unknown>>> = {
  deleted: (on) => on.certificates.remove(admin, boss.thumbprint),
  disabled: edited({ disabled: true }),
  demoted: edited({ rights: user }),
  'ended by date': edited({ limits: { validUntil: Date.UTC(2025, 11, 31, 23) } }),
  'ended by its clearance': edited({
    rights: { ...clusterAdmin, clearanceExpiration: Date.UTC(2026, 0, 1) },
  }),
  expired: async (on) => {
    on.clock.time = boss.notAfter + 1
  },
}
for (const [what, lose] of Object.entries(losses))
  test(`a caller who was ${what} while his body was on its way does nothing with it`, async () => {
    for (const caller of [boss, renewed]) {
      for (const [method, url] of [
        ['PUT', '/admin/x'],
        ['POST', '/databases/orders/bulk_docs'],
      ] as const) {
        await using on = await scene(caller)
        assert.equal(await on.ask(method, url, () => lose(on)), 403)
        assert.deepEqual(on.done, [])
        const last = on.events.findLast(({ act }) => act === 'access refused')
        assert.equal(last?.actor?.thumbprint, caller.thumbprint)
      }
    }
  })

test('a caller who keeps his rights while his body is on its way is served', async () => {
  await using on = await scene(boss)
  assert.equal(await on.ask('PUT', '/admin/x', () => undefined), 200)
  assert.equal(await on.ask('POST', '/databases/orders/bulk_docs', () => undefined), 200)
  assert.deepEqual(on.done, ['admin', 'batch'])
})

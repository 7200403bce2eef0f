import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuditEvent } from '#server/audit/event.ts'
import { auditAct } from '#server/http/audited.ts'
import { authority, client } from '#test/support/certificates.ts'
import { registration } from '#test/support/registrations.ts'

test('auditAct() says who did what from where', async () => {
  const { certificate } = await client(await authority(), { commonName: 'shop' })
  const events: AuditEvent[] = []
  const identity = {
    ...({ kind: 'registered', how: 'thumbprint', certificate } as const),
    registration: registration(certificate),
  }
  const wish = { act: 'database created', facts: { database: 'orders' } }
  auditAct((event) => events.push(event), { identity, ip: '10.0.0.1' }, wish)
  const { thumbprint, subject } = certificate
  const actor = { name: 'shop', subject, thumbprint }
  assert.deepEqual(events, [{ ...wish, address: '10.0.0.1', actor }])
})

test('auditAct() names nobody on a server that asks nobody who he is', () => {
  const events: AuditEvent[] = []
  const request = { identity: { kind: 'unsecured' }, ip: '127.0.0.1' } as const
  auditAct((event) => events.push(event), request, { act: 'a', facts: {} })
  assert.deepEqual(events, [{ act: 'a', facts: {}, address: '127.0.0.1' }])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Schema, structuralSchema } from '#operator/api/structural-schema.ts'
import { type OrderState, orderState } from '#shared/acme/order-state.ts'
import { jsonShape } from '#shared/contract/json.ts'

const full: OrderState = {
  wish: 'a'.repeat(64),
  orderUrl: 'https://ca.test/order/1',
  status: 'pending',
  expiresAt: '2026-11-25T10:00:00.000Z',
  finalizeUrl: 'https://ca.test/finalize/1',
  certificateUrl: 'https://ca.test/certificate/1',
  authorizations: [
    {
      url: 'https://ca.test/authorization/1',
      name: '*.shop.example',
      status: 'pending',
      challenge: {
        type: 'dns-01',
        url: 'https://ca.test/challenge/1',
        token: 'abc',
        thumbprint: 'k',
        presented: true,
        visible: false,
        answered: false,
        cleanUps: 0,
      },
    },
    { url: 'https://ca.test/authorization/2', status: 'unread' },
  ],
  finalized: false,
  withoutReplaces: false,
  attempts: 1,
  retries: 2,
  againAt: '2026-11-25T10:00:00.000Z',
  waitsSince: '2026-11-25T09:59:59.000Z',
  problem: { name: 'shop.example', challenge: 'dns-01', type: 'dns', detail: 'no answer' },
}

test('orderState takes a full state and comes back from JSON as it was', () => {
  assert.deepEqual(jsonShape(orderState).read(JSON.stringify(full)), full)
  assert.equal(jsonShape(orderState).check({ ...full, status: 'lost' }), false)
  assert.equal(jsonShape(orderState).check({ ...full, attempts: -1 }), false)
})

test('orderState becomes a structural schema in which every text and list is bounded', () => {
  const unbounded: string[] = []
  visit(structuralSchema(orderState), 'order', unbounded)
  assert.deepEqual(unbounded, [])
})

function visit(schema: Schema, path: string, unbounded: string[]): void {
  assert.equal(typeof schema.type, 'string', `${path} has no type`)
  const isOpenText = schema.type === 'string' && schema.enum === undefined
  if (isOpenText && schema.maxLength === undefined) unbounded.push(path)
  if (schema.type === 'array' && schema.maxItems === undefined) unbounded.push(path)
  for (const [name, child] of Object.entries((schema.properties ?? {}) as Schema))
    visit(child as Schema, `${path}.${name}`, unbounded)
  if (schema.items !== undefined) visit(schema.items as Schema, `${path}[]`, unbounded)
}

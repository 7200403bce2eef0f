/** Keys, volumes and escrows that are lost under a running cluster: a condition that says so, and nothing made anew in silence. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { until } from '../run.ts'
import type { Place, Tenant } from '../suite.ts'
import { readStatus, usedTenant } from './quickstart.ts'

export function lostSuite(place: () => Place): void {
  describe('what is lost', () => {
    let tenant: Tenant
    before(async () => {
      tenant = await usedTenant(place())
    })
    after(() => tenant?.[Symbol.asyncDispose]())

    test('a master key Secret: KeyMissing, no other key, and everything as before once it is restored', async () => {
      const backup = await tenant.get<SecretObject>('secret', 'vault-master-key')
      await tenant.kubectl('delete', 'secret', 'vault-master-key')
      const message = await tenant.reason('strongroom/vault', 'Ready', 'KeyMissing')
      assert.match(message, /Restore it from your backup/)
      await tenant.kubectl('delete', 'pod', 'vault-0', '--grace-period=0', '--force')
      await new Promise((resolve) => setTimeout(resolve, 5_000))
      assert.equal(await tenant.get('secret', 'vault-master-key'), undefined)
      const { data, type, metadata } = backup ?? { data: {}, type: '', metadata: { labels: {} } }
      await tenant.apply(
        JSON.stringify({
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 'vault-master-key', labels: metadata.labels },
          type,
          data,
        }),
      )
      await tenant.ready('strongroom/vault')
      assert.equal(await readStatus(tenant, 'orders/1'), 200)
    })

    test('an escrow Secret: EscrowMissing, no other key, and the database goes on serving', async () => {
      await tenant.kubectl('delete', 'secret', 'orders-database-key')
      await tenant.reason('strongroomdatabase/orders', 'Ready', 'EscrowMissing')
      assert.equal(await tenant.get('secret', 'orders-database-key'), undefined)
      assert.equal(await readStatus(tenant, 'orders/1'), 200)
    })

    test('a volume: DataLost, nothing made on the empty one until it is accepted by name', async () => {
      await tenant.kubectl('delete', 'pvc', 'data-vault-0', '--wait=false')
      await tenant.kubectl('delete', 'pod', 'vault-0', '--grace-period=0', '--force')
      const message = await tenant.reason('strongroom/vault', 'Ready', 'DataLost')
      const [, annotation = ''] = /(strongroom\.dev\/accept-data-loss=\S+)/.exec(message) ?? []
      assert.notEqual(annotation, '')
      await until(
        'the database to say so as well',
        async () => ((await readyReason(tenant)) === 'DataLost' ? true : undefined),
        { withinMs: 60_000 },
      )
      await tenant.kubectl('annotate', 'strongroom', 'vault', annotation)
      await tenant.ready('strongroom/vault')
    })
  })
}

interface SecretObject {
  readonly type: string
  readonly data: Record<string, string>
  readonly metadata: { readonly labels: Record<string, string> }
}

async function readyReason(tenant: Tenant): Promise<string | undefined> {
  const database = await tenant.get<{
    readonly status: {
      readonly conditions: readonly { readonly type: string; readonly reason: string }[]
    }
  }>('strongroomdatabase', 'orders')
  return database?.status.conditions.find(({ type }) => type === 'Ready')?.reason
}

/** The chart: installed over kinds that are there already, upgraded, uninstalled without taking data along, installed again. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { newTenant, type Place, root, type Tenant } from '../suite.ts'
import { quickstartResources, readStatus, usedTenant } from './quickstart.ts'

export function helmSuite(place: () => Place): void {
  describe('the chart', () => {
    let tenant: Tenant
    before(async () => {
      tenant = await usedTenant(place())
    })
    after(() => tenant?.[Symbol.asyncDispose]())

    test('an upgrade that changes nothing restarts no server', async () => {
      const uid = await serverUid(tenant)
      await place().helm(
        'upgrade',
        'strongroom',
        join(root, 'charts/strongroom'),
        '--namespace',
        tenant.namespace,
        '--reuse-values',
        '--set',
        'podAnnotations.touched=yes',
        '--wait',
        '--timeout',
        '90s',
      )
      await tenant.ready(...quickstartResources)
      assert.equal(await serverUid(tenant), uid)
    })

    test('an uninstall leaves the kinds, the resources and the data, and servers go on', async () => {
      await place().helm('uninstall', 'strongroom', '--namespace', tenant.namespace, '--wait')
      assert.match(await tenant.kubectl('get', 'strongroom'), /vault/)
      assert.equal(await readStatus(tenant, 'orders/1'), 200)
    })

    test('an operator that is installed again finds everything', async () => {
      const uid = await serverUid(tenant)
      await using again = await newTenant(place(), { 'watchNamespaces[0]': tenant.namespace })
      await tenant.kubectl('annotate', 'strongroom', 'vault', 'touched=yes')
      await tenant.ready(...quickstartResources)
      assert.equal(await serverUid(tenant), uid)
      assert.notEqual(again.namespace, tenant.namespace)
    })

    test('an operator with watchNamespaces may touch nothing elsewhere', async () => {
      await using other = await newTenant(place())
      const as = `--as=system:serviceaccount:${other.namespace}:strongroom`
      const can = (verb: string, what: string, namespace: string): Promise<string> =>
        place()
          .cluster.kubectl('auth', 'can-i', verb, what, '-n', namespace, as)
          .catch((error: Error) => error.message)
      assert.match(await can('list', 'secrets', other.namespace), /yes/)
      for (const [verb, what] of [
        ['list', 'secrets'],
        ['get', 'secrets'],
        ['patch', 'strongrooms'],
        ['create', 'pods'],
      ] as const)
        assert.match(await can(verb, what, 'default'), /no/)
      assert.match(await can('create', 'pods', other.namespace), /no/)
    })
  })
}

async function serverUid(tenant: Tenant): Promise<string | undefined> {
  return (await tenant.get<{ readonly metadata: { readonly uid: string } }>('pod', 'vault-0'))
    ?.metadata.uid
}

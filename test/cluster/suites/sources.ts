/** The source of the public certificate is changed while the cluster serves: what an issuer gave is found again, and the CA is not asked twice. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { acmeLab } from '#test/support/acme-lab/acme-lab.ts'
import { issuerManifest, servedFrom, servedOf, statusOf, strongroomManifest } from '../ordering.ts'
import { until } from '../run.ts'
import { newTenant, type Place, type Tenant } from '../suite.ts'

const name = 'vault'
const host = 'vault.lab.test'

export function sourcesSuite(place: () => Place): void {
  test('another source for a while, and a resource that is made anew, cost no second order and no restart', async () => {
    await using tenant = await newTenant(place())
    await using lab = await acmeLab({ place: place().cluster, alwaysValid: true })
    const cluster = strongroomManifest(name, { host })
    await tenant.apply(
      `${issuerManifest(lab, { name, solver: { tlsAlpn01: {} } })}\n---\n${cluster}`,
    )
    const first = await servedFrom(tenant, { name, revision: 1, withinMs: 90_000 })
    const uid = await podUid(tenant)

    await declare(tenant, { issuerRef: null, selfSigned: {} })
    await until('its own authority to be served', async () => {
      const served = (await statusOf(tenant, name))?.members?.[0]?.serves?.public?.sha256
      return (served !== undefined && served !== first) || undefined
    })
    await declare(tenant, { issuerRef: { name }, selfSigned: null })
    await untilServed(tenant, first)
    assert.equal(await podUid(tenant), uid)

    await tenant.kubectl('delete', 'strongroom', name)
    await tenant.apply(cluster)
    await untilServed(tenant, first)
    assert.equal(lab.counts().newOrder, 1)
  })
}

async function declare(tenant: Tenant, server: object): Promise<void> {
  const patch = JSON.stringify({ spec: { tls: { server } } })
  await tenant.kubectl('patch', 'strongroom', name, '--type=merge', '--patch', patch)
}

async function untilServed(tenant: Tenant, sha256: string): Promise<void> {
  const isServed = async () => servedOf(await statusOf(tenant, name)) === sha256 || undefined
  await until('the certificate of before to be served', isServed, { withinMs: 60_000 })
}

function podUid(tenant: Tenant): Promise<string> {
  return tenant.kubectl('get', 'pod', `${name}-0`, '-o', 'jsonpath={.metadata.uid}')
}

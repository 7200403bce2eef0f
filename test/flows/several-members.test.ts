/** TLS-ALPN-01 where a name may lead to any of several members: each of these real servers shows each proof to a real CA. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Admin } from '#operator/admin/admin.ts'
import { httpsAdmin } from '#operator/admin/https-admin.ts'
import { tlsAlpn01Solver } from '#operator/challenges/tls-alpn01.ts'
import { acmeLab } from '#test/support/acme-lab/acme-lab.ts'
import { freePort } from '#test/support/acme-lab/free-port.ts'
import { labAccount, leafOf, runOrder } from '#test/support/acme-lab/order-run.ts'
import { inDataFolder, runningServer } from '#test/support/running-server.ts'

const addresses = ['127.0.0.1', '127.0.0.2', '127.0.0.3']
const names = addresses.map((_, index) => `to-member-${index}.lab.test`)

test('tlsAlpn01Solver() has every member prove every name, whichever of them the CA asks', async () => {
  await inDataFolder(async (folder) => {
    await using stack = new AsyncDisposableStack()
    const port = await freePort('127.0.0.1')
    const lab = stack.use(await acmeLab({ tlsAlpnPort: port }))
    const members: { readonly name: string; readonly admin: Admin }[] = []
    for (const [index, address] of addresses.entries()) {
      await lab.dns.setAddress(names[index] ?? '', address)
      const own = join(folder, `${index}`)
      stack.use(await runningServer(own, [`--ServerUrl=https://${address}:${port}`]))
      members.push({ name: `vault-${index}`, admin: await adminOf(own, { address, port }) })
    }
    using api = await labAccount(lab)
    const solver = tlsAlpn01Solver({ members: () => members, wanted: members.length })
    // Twice: the second time each name leads to another member.
    for (const shift of [0, 1]) {
      for (const [index, name] of names.entries())
        await lab.dns.setAddress(name, addresses[(index + shift) % addresses.length] ?? '')
      const wish = { names, profile: 'default' }
      const end = await runOrder({ api, wish, solvers: [solver] })
      assert.deepEqual(leafOf(end.issued).dnsNames.toSorted(), names)
      assert.deepEqual(end.problems, [])
    }
    assert.equal(lab.counts().newOrder, 2)
  })
})

/** The administration of a server that stands alone in that folder, as its own administrator. */
async function adminOf(
  folder: string,
  place: { readonly address: string; readonly port: number },
): Promise<Admin> {
  const file = (name: string) => readFile(join(folder, 'certificates', name), 'utf8')
  const [trust, certificate, key] = await Promise.all([
    file('ca.crt'),
    file('admin.crt'),
    file('admin.key'),
  ])
  return httpsAdmin({ ...place, serverName: 'localhost', trust, certificate, key })
}

/** The server as its pod runs it, and the operator's own calls to it: trust, rotation, keys and state, on the real process. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { chmod, readdir, stat } from 'node:fs/promises'
import { Agent } from 'node:https'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type { Endpoint } from '#operator/admin/admin.ts'
import { httpsAdmin } from '#operator/admin/https-admin.ts'
import { internalNames, memberName } from '#operator/api/names.ts'
import { servedCertificate } from '#operator/strongrooms/dial.ts'
import { keyId } from '#shared/key-id.ts'
import { caller } from '#test/support/caller.ts'
import { foldersBelow } from '#test/support/file-tree.ts'
import {
  type Authority,
  authority,
  type Credentials,
  clientCredentials,
  serverCredentials,
} from '#test/support/pki.ts'
import { type Pod, type PodProcess, pod } from '#test/support/pod.ts'
import { strongroom } from '#test/support/resources.ts'

const internalName = memberName('vault-0', 'vault', 'shop')
const publicName = 'vault.example.com'
const publicUrl = `https://${publicName}:8443`
const cluster = strongroom({ spec: { exposure: { host: publicName } } })
const masterKey = randomBytes(32)
const databaseKey = randomBytes(32)

let serverCa: Authority
let clientCa: Authority
let current: Credentials
let next: Credentials
let shop: Credentials
let member: Pod
let running: PodProcess

const pair = ({ cert, key }: Credentials) => ({ 'tls.crt': cert, 'tls.key': key })
const internalCertificate = () =>
  serverCredentials(serverCa, { commonName: 'vault', dnsNames: internalNames('vault', 'shop') })
const publicCertificate = () =>
  serverCredentials(serverCa, { commonName: publicName, dnsNames: [publicName] })

before(async () => {
  serverCa = await authority('shop/vault server CA')
  clientCa = await authority('shop/vault client CA')
  current = await clientCredentials(clientCa, { commonName: 'operator' })
  next = await clientCredentials(clientCa, { commonName: 'operator' })
  shop = await clientCredentials(clientCa, { commonName: 'shop' })
  member = await pod(cluster, {
    internalTls: pair(await internalCertificate()),
    serverTls: {},
    masterKey: { 'active-id': 'k1', k1: masterKey },
    admins: { 'current.crt': current.cert },
  })
  running = member.run('server')
  await running.available
})

after(async () => {
  await running?.[Symbol.asyncDispose]()
  await member?.[Symbol.asyncDispose]()
})

function endpoint(who: Credentials, agent?: Agent): Endpoint {
  const trust = serverCa.cert
  const where = { address: '127.0.0.1', port: member.port, serverName: internalName, trust }
  return { ...where, certificate: who.cert, key: who.key, ...(agent && { agent }) }
}

/** The operator's port, on a connection of its own for each call unless one is given. */
const admin = (who = current, agent?: Agent) => httpsAdmin(endpoint(who, agent))

/** SHA-256 of what is served, verified, to who asks for that name. */
async function served(name: string): Promise<string> {
  const found = await servedCertificate(endpoint(current), { name, trust: serverCa.cert })
  return 'certificate' in found ? found.certificate.sha256 : found.failure
}

/** Whatever mounts show is to count within two seconds; the rest is room for a busy machine. */
async function within(work: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 2_500
  while (!(await work())) {
    assert(
      performance.now() < deadline,
      `${what} within two seconds:\n${running.log().slice(-2_000)}`,
    )
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

const url = () => `https://127.0.0.1:${member.port}`
const hostOf = (name: string) => ({ host: `${name}:${member.port}` })
const document = '/databases/orders/docs?id=orders%2F1'

/** What this caller is told to go to, under the name by which he came. */
async function memberUrl(name: string): Promise<unknown> {
  await using asShop = caller({ url: url(), ca: serverCa.cert, identity: shop })
  const answer = await asShop.get('/topology?name=orders', hostOf(name))
  return (answer.json().Nodes as { Url: string }[])[0]?.Url
}

test('a pod starts on its internal certificate alone, is healthy, and makes no certificate of its own', async () => {
  assert.equal(running.output(), `Server available on: ${publicUrl}\n`)
  for (const name of [internalName, 'vault.shop.svc', 'localhost', '']) {
    await using nobody = caller({ url: url(), ca: serverCa.cert })
    const answer = await nobody.get('/health/ready', name === '' ? {} : hostOf(name))
    assert.equal(answer.status, 204, name)
  }
  assert.match(await served(publicName), /does not match|altnames/)
  await using health = member.run('health')
  assert.equal(await health.ended, 0, health.log())
  assert.deepEqual(await readdir(path.join(member.data, 'certificates')), [])
  assert.deepEqual(await readdir(path.join(member.data, 'keys')), [])
})

test('a pod tells its operator what it is', async () => {
  const state = await admin().state()
  assert.match(state.StoreId, /^.{22}$/)
  assert.deepEqual(state.MasterKeyIds, [keyId(masterKey)])
  assert.deepEqual(state.Databases, [])
  assert.deepEqual(state.Serves, { Internal: await served(internalName), Public: null })
  await assert.rejects(admin(shop).state(), { status: 403 })
})

test('an operator makes an encrypted database with the key of its escrow, and registers who may use it', async () => {
  await admin().createDatabase({ name: 'orders', key: databaseKey })
  const [orders] = (await admin().state()).Databases
  assert.deepEqual(
    [orders?.Name, orders?.Encrypted, orders?.Disabled, orders?.Quarantine],
    ['orders', true, false, null],
  )
  const rights = {
    name: 'shop',
    clearance: 'ValidUser',
    permissions: { orders: 'ReadWrite' },
  } as const
  await admin().putCertificate(Buffer.from(shop.der, 'base64'), rights)
  const registered = await admin().certificates()
  assert.deepEqual(
    registered.map(({ name, thumbprint, permissions }) => [name, thumbprint, permissions]),
    [['shop', shop.thumbprint, { orders: 'ReadWrite' }]],
  )
  await using asShop = caller({ url: url(), ca: serverCa.cert, identity: shop })
  assert.equal((await asShop.put(document, '{"Total":7}', hostOf(internalName))).status, 201)
  assert.equal((await asShop.get(document, hostOf(internalName))).status, 200)
})

test('a pod serves the public certificate as soon as it is mounted, and sends nobody out of the cluster who came from inside', async () => {
  assert.equal(await memberUrl(internalName), `https://${internalName}:${member.port}`)
  const ordered = await publicCertificate()
  await member.folders.serverTls.swap(pair(ordered))
  await within(async () => (await admin().state()).Serves.Public !== null, 'served')
  const { Serves } = await admin().state()
  assert.equal(await served(publicName), Serves.Public)
  assert.equal(await served(internalName), Serves.Internal)
  assert.equal(await memberUrl(internalName), `https://${internalName}:${member.port}`)
  assert.equal(await memberUrl(publicName), publicUrl)
})

test('a pod serves renewed certificates within two seconds, and no request fails meanwhile', async () => {
  await using load = startLoad()
  for (const [folder, name, renew] of [
    ['internalTls', internalName, internalCertificate],
    ['serverTls', publicName, publicCertificate],
    ['internalTls', internalName, internalCertificate],
  ] as const) {
    const before = await served(name)
    await member.folders[folder].swap(pair(await renew()))
    await within(async () => (await served(name)) !== before, `${folder} is served`)
    assert.match(await served(name), /^[0-9a-f]{64}$/)
  }
  // A damaged one is not served; the next good one is.
  const before = await served(publicName)
  const broken = { ...pair(await publicCertificate()), 'tls.key': pair(current)['tls.key'] }
  await member.folders.serverTls.swap(broken)
  await within(async () => running.log().includes('ServerCertificateUnusable'), 'refused')
  assert.equal(await served(publicName), before)
  await member.folders.serverTls.swap(pair(await publicCertificate()))
  await within(async () => (await served(publicName)) !== before, 'served again')
  const { failures, requests, connections } = await load.stop()
  assert.deepEqual(failures, [])
  assert(requests > 200 && connections > 50, `${requests} requests, ${connections} connections`)
})

test('a pod lets in the administrators of its folder, and refuses whoever is taken away on his open connection', async () => {
  const kept = new Agent({ keepAlive: true, maxSockets: 1 })
  try {
    await admin(current, kept).state()
    await assert.rejects(admin(next).state(), { status: 403 })
    const both = { 'current.crt': current.cert, 'next.crt': next.cert }
    await member.folders.admins.swap(both)
    await within(() => isAdmitted(next), 'let in')
    await member.folders.admins.swap({ ...both, 'next.crt': 'damaged' })
    await within(async () => !(await isAdmitted(next)), 'refused')
    assert.equal(await isAdmitted(current), true)
    await member.folders.admins.swap({ 'current.crt': next.cert })
    await within(async () => !(await isAdmitted(current, kept)), 'refused')
    assert.equal(await isAdmitted(next), true)
  } finally {
    kept.destroy()
  }
})

test('a pod commits nothing while nothing is asked of it', async () => {
  const { StoreCommit } = await admin(next).state()
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  assert.equal((await admin(next).state()).StoreCommit, StoreCommit)
})

test('a pod that is started again is the same server, also on a volume that was given to its group', async () => {
  const before = await admin(next).state()
  assert.equal(await running.stop(), 0, running.log())
  // What fsGroupChangePolicy: Always does at each mount.
  const folders = foldersBelow(member.data).map((folder) => path.join(member.data, folder))
  for (const folder of folders) await chmod(folder, 0o2770)
  running = member.run('server')
  await running.available
  const after = await admin(next).state()
  assert.equal(after.StoreId, before.StoreId)
  assert(after.StoreCommit >= before.StoreCommit)
  assert.deepEqual(after.Serves, before.Serves)
  await using asShop = caller({ url: url(), ca: serverCa.cert, identity: shop })
  assert.equal((await asShop.get(document, hostOf(internalName))).status, 200)
  assert.equal((await stat(member.data)).mode & 0o7777, 0o2775)
  for (const name of ['data', 'keys', 'certificates'])
    assert.equal((await stat(path.join(member.data, name))).mode & 0o777, 0o700, name)
})

async function isAdmitted(who: Credentials, agent?: Agent): Promise<boolean> {
  return admin(who, agent)
    .state()
    .then(
      () => true,
      (error: { readonly status?: number }) => {
        assert.equal(error.status, 403)
        return false
      },
    )
}

/** Reads and writes under both names, on connections that are kept and on such that are made for one request. */
function startLoad() {
  const counts = { requests: 0, connections: 0 }
  const failures: unknown[] = []
  const state = { stopped: false }
  const worker = async (name: string, keeps: boolean, id: string): Promise<void> => {
    const make = () => {
      counts.connections += 1
      return caller({ url: url(), ca: serverCa.cert, identity: shop })
    }
    let asShop = make()
    while (!state.stopped) {
      const writes = counts.requests % 4 === 0
      const path = `/databases/orders/docs?id=${id}`
      const asked = writes
        ? asShop.put(path, '{"Load":true}', hostOf(name))
        : asShop.get(document, hostOf(name))
      await asked.then(
        ({ status }) => void (status < 300 || failures.push(status)),
        (error: unknown) => void failures.push(error),
      )
      counts.requests += 1
      if (keeps) continue
      await asShop[Symbol.asyncDispose]()
      asShop = make()
    }
    await asShop[Symbol.asyncDispose]()
  }
  const workers = [internalName, publicName].flatMap((name) => [
    worker(name, true, `${name}-kept`),
    worker(name, false, `${name}-new`),
  ])
  const stop = async () => {
    state.stopped = true
    await Promise.all(workers)
    return { ...counts, failures }
  }
  return { stop, [Symbol.asyncDispose]: async () => void (await stop()) }
}

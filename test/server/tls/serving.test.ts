import assert from 'node:assert/strict'
import type { Server } from 'node:http'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { filesSource } from '#server/tls/certificate-source.ts'
import { type Audience, Serving } from '#server/tls/serving.ts'
import { type Issued, issueServerCertificate, makeKeyPair } from '#shared/pki/issue.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import * as certificates from '#test/support/certificates.ts'
import { portOf, tlsSocket } from '#test/support/http-calls.ts'
import { type Mounted, mounted } from '#test/support/mounted.ts'
import { temporaryFolder } from '#test/support/storage.ts'

const internalName = 'vault-0.vault.shop.svc'
const publicName = 'vault.example.com'

let ca: Issued
before(async () => {
  ca = await certificates.authority()
})

async function issued(...dnsNames: string[]): Promise<Issued> {
  const keys = await makeKeyPair('p-256')
  const validity = certificates.days(3650)
  const ipAddresses = dnsNames.includes(internalName) ? ['127.0.0.1'] : []
  const subject = { commonName: 'vault', dnsNames, ipAddresses, validity, keys }
  return issueServerCertificate(ca, subject)
}

const internal = () => issued(internalName, '*.vault.shop.svc', 'localhost')
const contents = ({ certificate, privateKey }: Issued) => ({
  'tls.crt': certificatePem(certificate),
  'tls.key': privateKeyPem(privateKey),
})

interface Running {
  readonly serving: Serving
  readonly events: readonly string[]
  /** Swaps, or mounts for the first time, and looks. */
  put(audience: Audience, one: Record<string, string>): Promise<void>
  /** SHA-256 of what is shown to who names that host. */
  shown(host: string): Promise<string | undefined>
}

/** A listener with what is mounted at its start. */
async function running(
  start: { readonly [A in Audience]?: Issued },
  work: (running: Running) => Promise<void>,
  wanted: readonly Audience[] = ['internal', 'public'],
): Promise<void> {
  await using folder = await temporaryFolder()
  const mounts: Partial<Record<Audience, Mounted>> = {}
  const put = async (audience: Audience, one: Record<string, string>) => {
    const path = join(folder.path, audience)
    await (mounts[audience]?.swap(one) ?? mounted(path, one).then((it) => (mounts[audience] = it)))
  }
  for (const audience of wanted) {
    const one = start[audience]
    if (one !== undefined) await put(audience, contents(one))
  }
  const events: string[] = []
  const wish = (audience: Audience, hosts: string[]) =>
    wanted.includes(audience)
      ? {
          source: filesSource({
            path: join(folder.path, audience),
            keyPath: undefined,
            password: undefined,
          }),
          hosts,
        }
      : undefined
  await using serving = await Serving.open({
    wishes: { internal: wish('internal', []), public: wish('public', [publicName]) },
    clock: { now: () => certificates.year2026 },
    everyMs: 1_000_000,
    swapped: (audience) => events.push(`${audience} swapped`),
    refused: (audience) => events.push(`${audience} refused`),
    withdrawn: (audience) => events.push(`${audience} withdrawn`),
  })
  const server = serving.listener((_request, response) => response.end())
  try {
    await listen(server)
    await work({
      serving,
      events,
      put: async (audience, one) => {
        await put(audience, one)
        await serving.look()
      },
      shown: (host) => shownBy(server, host),
    })
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
}

async function shownBy(server: Server, servername: string): Promise<string | undefined> {
  const checkServerIdentity = () => undefined
  const trust = { ca: certificatePem(ca.certificate), checkServerIdentity }
  const socket = await tlsSocket({ port: portOf(server), servername, ...trust })
  const fingerprint = socket.getPeerX509Certificate()?.fingerprint256
  socket.destroy()
  return fingerprint?.replaceAll(':', '').toLowerCase()
}

test('Serving shows the internal certificate under its names and to who names none, the public one to all others', async () => {
  const [inner, outer] = [await internal(), await issued(publicName)]
  await running({ internal: inner, public: outer }, async ({ shown, serving }) => {
    for (const host of [internalName, 'vault-7.vault.shop.svc', 'LOCALHOST', ''])
      assert.equal(await shown(host), inner.certificate.sha256, host)
    for (const host of [publicName, 'elsewhere.example.com', 'a.b.vault.shop.svc'])
      assert.equal(await shown(host), outer.certificate.sha256, host)
    assert.equal(serving.covers(publicName) && !serving.covers(publicName, 'internal'), true)
    assert.equal(serving.covers('127.0.0.1', 'internal'), true)
    assert.equal(serving.covers('evil.example.com'), false)
  })
})

test('Serving shows the internal certificate under all names once the public one was removed', async () => {
  const [inner, outer] = [await internal(), await issued(publicName)]
  await running({ internal: inner, public: outer }, async ({ shown, serving, put, events }) => {
    await put('public', {})
    await serving.look()
    assert.deepEqual(events, ['public withdrawn'])
    assert.equal(serving.served.public, undefined)
    assert.equal(serving.covers(publicName), false)
    assert.equal(await shown(publicName), inner.certificate.sha256)
    await put('public', contents(outer))
    assert.equal(await shown(publicName), outer.certificate.sha256)
  })
})

test('Serving shows the internal certificate to everybody until there is a public one', async () => {
  const [inner, outer] = [await internal(), await issued(publicName)]
  await running({ internal: inner }, async ({ shown, serving, put, events }) => {
    assert.equal(serving.served.public, undefined)
    assert.equal(await shown(publicName), inner.certificate.sha256)
    await put('public', contents(outer))
    assert.deepEqual(events, ['public swapped'])
    assert.equal(await shown(publicName), outer.certificate.sha256)
    assert.equal(await shown(internalName), inner.certificate.sha256)
  })
})

test('Serving starts beside a public certificate that must not be served, and an empty folder of one', async () => {
  const [inner, wrong] = [await internal(), await issued('other.example.com')]
  await running({ internal: inner, public: wrong }, async ({ shown, put, events, serving }) => {
    assert.deepEqual(events, ['public refused'])
    assert.equal(serving.served.public, undefined)
    assert.equal(await shown(publicName), inner.certificate.sha256)
    await put('public', {})
    await put('public', contents(await issued(publicName)))
    assert.notEqual(await shown(publicName), inner.certificate.sha256)
  })
})

test('Serving swaps each certificate alone, and keeps the old one where the new one is damaged or goes away', async () => {
  const [inner, outer] = [await internal(), await issued(publicName)]
  await running({ internal: inner, public: outer }, async ({ shown, put, events, serving }) => {
    const [nextInner, nextOuter] = [await internal(), await issued(publicName)]
    await put('internal', contents(nextInner))
    await put('public', contents(nextOuter))
    for (const [audience, host, next] of [
      ['internal', internalName, nextInner],
      ['public', publicName, nextOuter],
    ] as const) {
      assert.equal(await shown(host), next.certificate.sha256)
      assert.equal(serving.served[audience]?.sha256, next.certificate.sha256)
      await put(audience, { ...contents(next), 'tls.key': contents(inner)['tls.key'] })
      await put(audience, {})
      assert.equal(await shown(host), next.certificate.sha256)
    }
    assert.deepEqual(events, [
      ...['internal swapped', 'public swapped'],
      ...['internal refused', 'public refused'],
    ])
  })
})

test('Serving with a public certificate alone shows it under every name', async () => {
  const outer = await issued(publicName)
  const next = await issued(publicName)
  await running(
    { public: outer },
    async ({ shown, put, serving }) => {
      assert.equal(serving.served.internal, undefined)
      assert.equal(await shown(internalName), outer.certificate.sha256)
      await put('public', contents(next))
      assert.equal(await shown(internalName), next.certificate.sha256)
      assert.equal(await shown(''), next.certificate.sha256)
    },
    ['public'],
  )
})

test('Serving does not open without the certificate that it cannot do without', async () => {
  const outer = await issued(publicName)
  const nobody = () => Promise.resolve(assert.fail('it opened'))
  const unreadable = { code: 'ServerCertificateUnreadable' }
  await assert.rejects(running({ public: outer }, nobody), unreadable)
  await assert.rejects(running({}, nobody, ['public']), unreadable)
  const wrong = await issued('other.example.com')
  const unusable = { code: 'ServerCertificateUnusable' }
  await assert.rejects(running({ public: wrong }, nobody, ['public']), unusable)
})

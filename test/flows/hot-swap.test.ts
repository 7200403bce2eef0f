/** The server's certificate is replaced on disk under load: served within two seconds, no request fails, a broken one is not served. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'node:tls'
import { createDatabase } from '#test/support/api.ts'
import { temporaryFolder } from '#test/support/file-tree.ts'
import { authority, type Credentials, serverCredentials } from '#test/support/pki.ts'
import { startServer } from '#test/support/server-process.ts'
import { startWriters } from '#test/support/writers.ts'

const servedWithinMs = 2_000

test('server serves a certificate replaced under load, fails no request, and keeps the old one when the new one is broken', async () => {
  using folder = temporaryFolder('hot-swap')
  const ca = await authority('hot swap')
  const make = (): Promise<Credentials> =>
    serverCredentials(ca, { commonName: 'localhost', dnsNames: ['localhost'] })
  const [first, second, third] = [await make(), await make(), await make()]
  const file = path.join(folder.path, 'server.pem')
  replace(file, first.key + first.cert)

  await using server = await startServer({
    folder: path.join(folder.path, 'data'),
    settings: [`--Security.Certificate.Path=${file}`],
    ca: ca.cert,
  })
  await using kept = server.caller(undefined, 4)
  await createDatabase(kept, 'swap')
  const load = startWriters(kept, 'swap', { count: 4, prefix: 'kept' })
  assert.equal(await servedThumbprint(server.url), first.thumbprint)

  replace(file, second.key + second.cert)
  assert.ok((await msUntilServed(server.url, second.thumbprint)) <= servedWithinMs)

  for (const broken of [
    'not a certificate',
    second.key + third.cert,
    `${third.key}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
  ]) {
    replace(file, broken)
    await sleep(servedWithinMs)
    assert.equal(await servedThumbprint(server.url), second.thumbprint)
  }
  replace(file, third.key + third.cert)
  assert.ok((await msUntilServed(server.url, third.thumbprint)) <= servedWithinMs)

  const before = load.acknowledged.length
  await sleep(100)
  assert.ok(load.acknowledged.length > before, 'connections from before the swap still work')
  await load.stop()
  assert.deepEqual(load.unanswered(), [], 'no request failed')
  assert.ok(server.alive)
})

function replace(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

async function msUntilServed(url: string, thumbprint: string): Promise<number> {
  const began = performance.now()
  while ((await servedThumbprint(url)) !== thumbprint) {
    if (performance.now() - began > 10_000) assert.fail('it is not served after ten seconds')
    await sleep(20)
  }
  return performance.now() - began
}

async function servedThumbprint(url: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect({
    host: hostname,
    port: Number(port),
    servername: 'localhost',
    rejectUnauthorized: false,
  })
  await once(socket, 'secureConnect')
  const { fingerprint } = socket.getPeerCertificate()
  socket.destroy()
  return fingerprint.replaceAll(':', '')
}

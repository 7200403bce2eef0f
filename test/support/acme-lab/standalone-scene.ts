/** A server that orders by itself beside the CA of the lab, and what it must do under load: renew, and nobody notices. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { temporaryFolder } from '#test/support/file-tree.ts'
import { startLoad } from '#test/support/load/load.ts'
import { startServer } from '#test/support/server-process.ts'
import { orderSettingsFor, publicName, shown, until } from '#test/support/standalone.ts'
import { type AcmeLab, type AcmeLabOptions, acmeLab } from './acme-lab.ts'

export interface StandaloneScene extends AsyncDisposable {
  readonly lab: AcmeLab
  readonly dataDir: string
  /** Of the listener. */
  readonly port: number
  /** Settings below `Security.Certificate.LetsEncrypt`, beside those that every server here has. */
  start(more?: Readonly<Record<string, string>>): ReturnType<typeof startServer>
  /** SHA-256 of what is served, once it is by the CA and none of these. */
  issued(but?: readonly string[], withinMs?: number): Promise<string>
}

export async function standaloneScene(options: AcmeLabOptions): Promise<StandaloneScene> {
  await using parts = new AsyncDisposableStack()
  const folder = parts.use(temporaryFolder('acme-standalone'))
  const lab = parts.use(
    await acmeLab({ tell: () => undefined, hidesRenewalInfo: true, ...options }),
  )
  await lab.dns.setAddress(publicName, '127.0.0.1')
  const bundle = path.join(folder.path, 'directory.pem')
  writeFileSync(bundle, lab.trust)
  const [dataDir, port] = [path.join(folder.path, 'data'), lab.tlsAlpnPort]
  const running = parts.move()
  return {
    ...{ lab, dataDir, port },
    start: (more) =>
      startServer({ folder: dataDir, settings: orderSettingsFor(lab, bundle, more) }),
    issued: (but = [], withinMs = 30_000) =>
      until(
        'a certificate of the CA',
        async () => {
          const found = await shown(port)
          const isOurs = found === undefined || !found.issuer.includes('Pebble')
          return isOurs || but.includes(found.sha256) ? undefined : found.sha256
        },
        withinMs,
      ),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

export const standaloneChallenges = ['TlsAlpn01', 'Http01'] as const

export interface RenewalsUnderLoad {
  readonly challenge: (typeof standaloneChallenges)[number]
  readonly lifeSeconds: number
  readonly renewals: number
}

/** A first certificate and so many more, which 50 clients on kept and new connections of both versions of TLS meet one after the other. */
export async function renewsUnderLoad(
  t: TestContext,
  { challenge, lifeSeconds, renewals }: RenewalsUnderLoad,
): Promise<void> {
  await using on = await standaloneScene({ lifeSeconds })
  await using server = await on.start({ Challenge: challenge })
  let isFine = false
  t.after(() => {
    if (!isFine) t.diagnostic(server.log())
  })
  const own = await shown(on.port)
  const first = await on.issued()
  assert.notEqual(own?.sha256, first)
  const trust = (await on.lab.roots()).join('\n')
  await using load = startLoad({ port: on.port, count: 50, trust })
  const seen = [first]
  for (let times = 0; times < renewals; times += 1)
    seen.push(await on.issued(seen, lifeSeconds * 2_000))
  // Those under load meet it when they connect anew, which is not at once.
  await until('the load to meet each', () => {
    const met = load.told().seen
    return seen.every((one) => met.includes(one)) || undefined
  })
  await load.stop()
  const { answered, failures } = load.told()
  t.diagnostic(`${answered} requests by ${challenge}`)
  assert.deepEqual(failures, [])
  assert.ok(answered > 500, `${answered} answers`)
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
    assert.equal((await shown(on.port, version))?.sha256, seen.at(-1))
  const { newOrder, newAccount } = on.lab.counts()
  assert.equal(newOrder, server.log().split('A server certificate was issued').length - 1)
  assert.equal(newAccount >= 1, true)
  assert.doesNotMatch(server.log(), /PRIVATE KEY|"level":"error"/)
  isFine = true
}

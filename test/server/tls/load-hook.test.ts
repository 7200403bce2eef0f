import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { loadHookBackoff, loadHookEveryMs } from '#server/limits.ts'
import { FollowedCertificate } from '#server/tls/followed-certificate.ts'
import { LoadHook } from '#server/tls/load-hook.ts'
import type { Issued } from '#shared/pki/issue.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import { writePfx } from '#shared/pki/pfx-write.ts'
import * as certificates from '#test/support/certificates.ts'
import { temporaryFolder } from '#test/support/storage.ts'

let first: Issued
let second: Issued
before(async () => {
  const ca = await certificates.authority()
  first = await certificates.server(ca)
  second = await certificates.server(ca)
})

const pfxOf = ({ certificate, privateKey }: Issued, password?: string) =>
  writePfx({ certificates: [certificate], privateKey, ...(password ? { password } : {}) })
const pemOf = ({ certificate, privateKey }: Issued) =>
  Buffer.from(certificatePem(certificate) + privateKeyPem(privateKey))

/** A hook that prints a file, counts its calls in another, and fails while a third says so. */
async function scene(content: Buffer, password?: string) {
  const folder = await temporaryFolder()
  const [printed, calls, trouble] = ['printed', 'calls', 'trouble'].map((name) =>
    join(folder.path, name),
  ) as [string, string, string]
  await writeFile(printed, content)
  const script = `
    const fs = require('node:fs')
    fs.appendFileSync(${JSON.stringify(calls)}, '.')
    if (fs.existsSync(${JSON.stringify(trouble)})) { console.error('vault is sealed'); process.exit(3) }
    process.stdout.write(fs.readFileSync(process.argv[1]))`
  const time = { now: certificates.year2026 }
  const clock = { now: () => time.now }
  const failures: unknown[] = []
  const program = { file: process.execPath, arguments: ['-e', script, printed], timeoutMs: 10_000 }
  const hook = await LoadHook.open({
    ...{ program, clock, everyMs: 1_000_000, password },
    failed: (error) => failures.push(error),
  })
  const demands = { hosts: ['localhost'], now: time.now }
  return {
    ...{ hook, time, clock, failures, printed, trouble, demands },
    asked: async () => (await readFile(calls, 'utf8')).length,
    loaded: async () => (await hook.load(demands)).certificate.sha256,
    [Symbol.asyncDispose]: async () => {
      await hook[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

test('LoadHook takes PFX and PEM, with and without a password', async () => {
  for (const [content, password] of [
    [await pfxOf(first), undefined],
    [await pfxOf(first, 'open sesame'), 'open sesame'],
    [pemOf(first), undefined],
  ] as const) {
    await using on = await scene(content, password)
    assert.equal(await on.loaded(), first.certificate.sha256)
  }
})

test('LoadHook asks every hour, and does not ask in between', async () => {
  await using on = await scene(await pfxOf(first))
  await on.hook.look()
  assert.equal(await on.asked(), 1)
  on.time.now += loadHookEveryMs - 1
  await on.hook.look()
  assert.equal(await on.asked(), 1)
  on.time.now += 1
  await on.hook.look()
  assert.equal(await on.asked(), 2)
})

test('LoadHook asks when a file that its arguments name has changed, and has another mark for another content', async () => {
  await using on = await scene(pemOf(first))
  const mark = await on.hook.mark()
  await writeFile(on.printed, pemOf(first))
  await on.hook.look()
  assert.equal(await on.asked(), 2)
  assert.equal(await on.hook.mark(), mark)
  await writeFile(on.printed, pemOf(second))
  await on.hook.look()
  assert.notEqual(await on.hook.mark(), mark)
  assert.equal(await on.loaded(), second.certificate.sha256)
})

test('LoadHook that fails keeps what it had, says why, and asks again after waits that grow to the hour', async () => {
  await using on = await scene(pemOf(first))
  await writeFile(on.trouble, '')
  on.time.now += loadHookEveryMs
  for (let times = 1; times <= 12; times += 1) {
    await on.hook.look()
    assert.equal(on.failures.length, times)
    await on.hook.look()
    assert.equal(on.failures.length, times, 'not at once')
    on.time.now += Math.min(loadHookBackoff.firstMs * 2 ** times, loadHookBackoff.mostMs * 1.2)
  }
  assert.match(String(on.failures[0]), /ended with code 3 and wrote "vault is sealed"/)
  assert.equal(await on.loaded(), first.certificate.sha256)
})

test('LoadHook that never gave anything fails with the reason of the program', async () => {
  const program = { file: '/nonexistent/program', arguments: [], timeoutMs: 1_000 }
  const clock = { now: () => certificates.year2026 }
  await using hook = await LoadHook.open({
    ...{ program, clock, password: undefined, failed: () => undefined },
  })
  assert.equal(await hook.mark(), '')
  const demands = { hosts: [], now: certificates.year2026 }
  await assert.rejects(hook.load(demands), {
    code: 'CertificateProgramFailed',
    message: /could not be started/,
  })
})

test('LoadHook keeps a half answer out of service, and asks again soon', async () => {
  await using on = await scene(await pfxOf(first))
  const refused: unknown[] = []
  await using followed = await FollowedCertificate.open({
    ...{ source: on.hook, hosts: ['localhost'], optional: false, clock: on.clock },
    ...{ everyMs: 1_000_000, swapped: () => undefined, refused: (error) => refused.push(error) },
  })
  const whole = await pfxOf(second)
  await writeFile(on.printed, whole.subarray(0, whole.length - 100))
  await on.hook.look()
  await followed.look()
  assert.equal(refused.length, 1)
  assert.equal(followed.current?.certificate.sha256, first.certificate.sha256)
  const asked = await on.asked()
  on.time.now += loadHookBackoff.firstMs * 1.2
  await on.hook.look()
  assert.equal(await on.asked(), asked + 1)
  await writeFile(on.printed, whole)
  await on.hook.look()
  await followed.look()
  assert.equal(followed.current?.certificate.sha256, second.certificate.sha256)
})

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Verb } from '#cli/cluster/arguments.ts'
import { runCommand } from '#cli/cluster/command.ts'
import {
  type CertificateReport,
  certificateReportShape,
  reportShape,
} from '#cli/cluster/report-shape.ts'
import { annotation } from '#operator/kube/labels.ts'
import { misfit } from '#shared/schema/check.ts'
import { type ApiServer, apiServer } from '#test/support/api-server.ts'
import { clientCertificate, cluster, issued, issuer, nowMs, ready, sha256 } from './scene.ts'

/** Runs a command against that API server: exit code and what it wrote. */
async function run(server: Pick<ApiServer, 'kubeconfig'>, verb: Verb, ...args: readonly string[]) {
  return runWhile(() => undefined, server, verb, ...args)
}

/** `meanwhile` is told how many milliseconds were waited, whenever the command looks again. */
async function runWhile(
  meanwhile: (passedMs: number) => void,
  server: Pick<ApiServer, 'kubeconfig'>,
  verb: Verb,
  ...args: readonly string[]
) {
  const out: string[] = []
  const err: string[] = []
  let passedMs = 0
  const code = await runCommand(verb, args, {
    env: { KUBECONFIG: server.kubeconfig },
    clock: { now: () => nowMs + passedMs },
    pause: async (ms) => {
      passedMs += ms
      meanwhile(passedMs)
    },
    out: (text) => out.push(text),
    err: (text) => err.push(text),
  })
  return { code, out: out.join(''), err: err.join('') }
}

const other = cluster(undefined, ready, 'archive')

test('runCommand() shows the status of a namespace, and of one Strongroom with its certificates and its issuer', async () => {
  const theirs = {
    ...clientCertificate,
    spec: { ...clientCertificate.spec, clusterRef: { name: 'archive' } },
  }
  await using server = await apiServer([
    cluster(),
    other,
    clientCertificate,
    { ...theirs, metadata: { name: 'theirs', namespace: 'shop' } },
    issuer,
    { ...issuer, metadata: { name: 'theirs', namespace: 'shop' } },
  ])
  const all = await run(server, 'status')
  assert.deepEqual([all.code, all.err], [0, ''])
  for (const name of ['Strongroom shop/vault', 'Strongroom shop/archive', 'Certificate shop/app'])
    assert.ok(all.out.includes(name), name)
  const one = await run(server, 'status', 'vault')
  assert.match(one.out, /^Strongroom shop\/vault\n/)
  assert.match(one.out, /StrongroomCertificate shop\/app\n/)
  assert.match(one.out, /StrongroomIssuer shop\/letsencrypt\n/)
  assert.ok(!one.out.includes('archive') && !one.out.includes('theirs'))
  for (const { headers, method } of server.asked) {
    assert.equal(headers.authorization, 'Bearer the-token')
    assert.equal(method, 'GET')
  }
})

test('runCommand() looks where the flags say', async () => {
  await using server = await apiServer([cluster()])
  assert.match((await run(server, 'status', '-n', 'bank')).out, /^No Strongroom is here/)
  assert.match((await run(server, 'status', '-A')).out, /shop\/vault/)
  const paths = server.asked.map(({ url }) => url.split('?')[0]).toSorted()
  assert.deepEqual(paths, [
    '/apis/strongroom.dev/v1alpha1/namespaces/bank/strongroomcertificates',
    '/apis/strongroom.dev/v1alpha1/namespaces/bank/strongroomissuers',
    '/apis/strongroom.dev/v1alpha1/namespaces/bank/strongrooms',
    '/apis/strongroom.dev/v1alpha1/strongroomcertificates',
    '/apis/strongroom.dev/v1alpha1/strongroomissuers',
    '/apis/strongroom.dev/v1alpha1/strongrooms',
  ])
})

test('runCommand() prints JSON of the documented shape', async () => {
  await using server = await apiServer([cluster(), other, clientCertificate, issuer])
  const { code, out } = await run(server, 'status', '--json')
  assert.equal(code, 0)
  const printed: unknown = JSON.parse(out)
  assert.equal(misfit(reportShape, printed), undefined)
})

test('runCommand() asks for a renewal by a word on the resource, and for nothing else', async () => {
  await using server = await apiServer([cluster()])
  const { code, out } = await run(server, 'certificate', 'renew', 'vault')
  assert.equal(code, 0)
  assert.match(out, /^The certificate of Strongroom shop\/vault is renewed; /)
  const [, patch, ...more] = server.asked
  assert.deepEqual(more, [])
  assert.equal(patch?.method, 'PATCH')
  assert.equal(patch?.url, '/apis/strongroom.dev/v1alpha1/namespaces/shop/strongrooms/vault')
  assert.equal(patch?.headers['content-type'], 'application/merge-patch+json')
  assert.deepEqual(JSON.parse(patch?.body ?? ''), {
    metadata: { annotations: { [annotation.renew]: '2026-06-01T00:00:00.000Z' } },
  })
})

test('runCommand() asks for another try of a first order', async () => {
  const { publicCertificate: _, ...status } = cluster().status ?? {}
  await using server = await apiServer([cluster(undefined, status)])
  const { code, out } = await run(server, 'certificate', 'renew', 'vault')
  assert.equal(code, 0)
  assert.match(out, /^A certificate is ordered for Strongroom shop\/vault, at once unless the CA /)
  assert.equal(server.asked.at(-1)?.method, 'PATCH')
})

test('runCommand() asks for the revocation of the very certificate that is in use', async () => {
  await using server = await apiServer([cluster()])
  const { code, out } = await run(
    server,
    'certificate',
    'revoke',
    'vault',
    '--reason=keyCompromise',
  )
  assert.equal(code, 0)
  assert.match(out, new RegExp(`^Certificate ${sha256} of Strongroom shop/vault is revoked`))
  assert.deepEqual(JSON.parse(server.asked.at(-1)?.body ?? ''), {
    metadata: { annotations: { [annotation.revoke]: `${sha256} keyCompromise` } },
  })
})

const next = 'cd'.repeat(32)
const served = (sha256: string) => ({ public: { sha256, notAfter: '2026-08-30T00:00:00Z' } })

/** The Strongroom after `next` was issued, with members that serve these. */
function renewed(...shown: readonly string[]) {
  const { order: _, ...status } = cluster().status ?? {}
  const members = shown.map((one, index) => ({
    ...{ name: `vault-${index}`, ready: true, serves: served(one) },
  }))
  const publicCertificate = {
    ...issued,
    sha256: next,
    notAfter: '2026-08-30T00:00:00Z',
    revision: 4,
  }
  return cluster(undefined, { ...status, publicCertificate, members })
}

test('runCommand() waits until every member serves another certificate than before', async () => {
  const objects = [cluster()]
  await using server = await apiServer(objects)
  const steps: Readonly<Record<number, ReturnType<typeof cluster>>> = {
    3000: renewed(sha256, sha256),
    5000: renewed(next, sha256),
    8000: renewed(next, next),
  }
  const { code, out, err } = await runWhile(
    (passedMs) => objects.splice(0, 1, steps[passedMs] ?? (objects[0] as (typeof objects)[0])),
    ...([server, 'certificate', 'renew', 'vault', '--wait'] as const),
  )
  assert.equal(code, 0)
  assert.equal(
    out,
    `Every member of Strongroom shop/vault serves ${next} until 2026-08-30T00:00:00Z (in 89 d).\n`,
  )
  const [asked, waiting, problem, unserved, ...more] = err.split('\n')
  assert.match(asked ?? '', /^The certificate of Strongroom shop\/vault is renewed; /)
  assert.equal(waiting, 'Waiting for it, at most 5 min.')
  assert.match(problem ?? '', /^Not yet: db\.example\.com, dns-01 by rfc2136: dns: .*NXDOMAIN/)
  assert.equal(unserved, 'Not yet: issued, and not served by every member yet')
  assert.deepEqual(more, [''])
  assert.equal(server.asked.filter(({ method }) => method === 'PATCH').length, 1)
})

test('runCommand() ends with 3 where no other certificate came in time, and says what is in the way', async () => {
  await using server = await apiServer([cluster()])
  let waitedMs = 0
  const args = ['certificate', 'revoke', 'vault', '--wait', '--timeout=90s'] as const
  const { code, out, err } = await runWhile((passedMs) => (waitedMs = passedMs), server, ...args)
  assert.deepEqual([code, out], [3, ''])
  assert.equal(waitedMs, 90_000)
  assert.match(
    err,
    /none is served after 90 s: db\.example\.com, dns-01 .*\[ReplacementOverdue\]\n$/,
  )
  assert.match(err, /See|see strongroom status vault/)
})

test('runCommand() does not take the certificate of before for another one, whoever serves it', async () => {
  const quiet = cluster(undefined, { ...ready, publicCertificate: issued })
  await using server = await apiServer([quiet])
  const { code, err } = await run(server, 'certificate', 'renew', 'vault', '--wait', '--timeout=3')
  assert.equal(code, 3)
  assert.match(err, /none is served after 3 s: nothing is known to be in the way/)
})

test('runCommand() that waits ends at once where the Strongroom is gone, and outlasts an API server that is', async () => {
  const objects = [cluster()]
  await using server = await apiServer(objects)
  const args = ['certificate', 'renew', 'vault', '--wait'] as const
  const gone = await runWhile(() => objects.splice(0), server, ...args)
  assert.equal(gone.code, 1)
  assert.match(gone.err, /\[ResourceMissing\]\n$/)
  objects.push(cluster())
  const back = await runWhile(
    (passedMs) => {
      server.cut(passedMs < 4_000)
      if (passedMs === 6_000) objects.splice(0, 1, renewed(next))
    },
    ...([server, ...args] as const),
  )
  assert.equal(back.code, 0)
  assert.match(back.err, /Not yet: Cannot reach the API server: /)
})

test('runCommand() prints an act as JSON of the documented shape, with and without waiting', async () => {
  const objects = [cluster()]
  await using server = await apiServer(objects)
  const asked = await run(server, 'certificate', 'revoke', 'vault', '--json')
  const report: unknown = JSON.parse(asked.out)
  assert.equal(misfit(certificateReportShape, report), undefined)
  assert.deepEqual(report, {
    ...{ apiVersion: 'strongroom.dev/v1alpha1', kind: 'CertificateReport', act: 'revoke' },
    ...{ namespace: 'shop', name: 'vault', before: sha256, reason: 'unspecified' },
    outcome: 'Asked',
  })
  const waited = await runWhile(
    () => objects.splice(0, 1, renewed(next)),
    ...([server, 'certificate', 'renew', 'vault', '--json', '--wait'] as const),
  )
  const served: CertificateReport = JSON.parse(waited.out)
  assert.equal(misfit(certificateReportShape, served), undefined)
  assert.deepEqual(
    [served.act, served.outcome, served.certificate?.sha256, served.certificate?.isServed],
    ['renew', 'Served', next, true],
  )
})

test('runCommand() changes nothing where no issuer gave the certificate, and says what to do', async () => {
  await using server = await apiServer([
    cluster({ selfSigned: {} }, ready, 'own'),
    cluster({ secretRef: { name: 'mine' } }, ready, 'given'),
    cluster(undefined, ready, 'new'),
    cluster({ issuerRef: { group: 'cert-manager.io', name: 'ca' } }, ready, 'theirs'),
  ])
  const cases: readonly [args: readonly string[], says: RegExp][] = [
    [['renew', 'own'], /private authority's \(selfSigned\).* \[NothingIssued\]\n$/],
    [['renew', 'given'], /the Secret "mine" of yours: put another one there/],
    [['renew', 'theirs'], /cert-manager's: cmctl renew --namespace shop theirs-cert-manager-tls/],
    [['revoke', 'new'], /no certificate was issued for it yet/],
    [['renew', 'none'], /Cannot find Strongroom "none": .* namespace shop.*\[ResourceMissing\]\n$/],
  ]
  for (const [args, says] of cases) {
    const { code, out, err } = await run(server, 'certificate', ...args)
    assert.deepEqual([code, out], [1, ''])
    assert.match(err, says)
  }
  assert.ok(server.asked.every(({ method }) => method === 'GET'))
})

test('runCommand() ends with 2 where the command is wrong, before it asks anybody', async () => {
  const nowhere = { kubeconfig: '/nowhere/config' }
  const wrong = await run(nowhere, 'status', '--yaml')
  assert.deepEqual([wrong.code, wrong.out], [2, ''])
  assert.match(wrong.err, /^strongroom: Cannot understand .* \[CommandInvalid\]\n$/)
  const help = await run(nowhere, 'certificate', '--help')
  assert.deepEqual([help.code, help.err], [0, ''])
  assert.match(help.out, /^Usage: strongroom certificate renew NAME/)
  const unusable = await run(nowhere, 'status')
  assert.equal(unusable.code, 1)
  assert.match(unusable.err, /\[KubeconfigUnusable\]/)
})

test('runCommand() says what the API server said, and where none answers', async () => {
  await using refusing = await apiServer([], { refuses: 403 })
  const refused = await run(refusing, 'status')
  assert.equal(refused.code, 1)
  assert.match(refused.err, /refused with 403: no, says the API server\. .*\[ApiServerRefused\]/)
  await using without = await apiServer([], { refuses: 404 })
  const missing = await run(without, 'status')
  assert.match(missing.err, /no kind Strongroom\w*\. Install the chart.*\[KindsMissing\]/)
})

test('runCommand() says which API server did not answer', async () => {
  await using server = await apiServer([])
  const folder = mkdtempSync(join(tmpdir(), 'unreachable-'))
  try {
    const kubeconfig = join(folder, 'config')
    // Nobody listens on port 1.
    const text = readFileSync(server.kubeconfig, 'utf8').replace(`:${server.port}`, ':1')
    writeFileSync(kubeconfig, text)
    const { code, err } = await run({ kubeconfig }, 'status')
    assert.equal(code, 1)
    assert.match(err, /https:\/\/localhost:1 did not answer: .*\[ApiServerUnreachable\]/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

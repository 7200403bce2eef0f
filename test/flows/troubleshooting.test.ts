/** Every symptom in docs/guides/troubleshooting.md is what somebody is shown: each is made to happen with a real CA and DNS server. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { decide } from '#operator/issuers/plan.ts'
import { troubleOf } from '#operator/issuers/trouble.ts'
import { hindered, settled } from '#operator/strongrooms/orders/condition.ts'
import { issuerNotFound } from '#operator/strongrooms/orders/issuer-trouble.ts'
import { userCertificateFinding } from '#operator/strongrooms/stages/user-certificate.ts'
import type { DnsSolverConfig } from '#shared/acme/dns/configuration.ts'
import { dnsSolver } from '#shared/acme/dns/dns-solver.ts'
import { httpsAcme } from '#shared/acme/https-acme.ts'
import type { Solver } from '#shared/acme/solver.ts'
import { systemClock } from '#shared/clock.ts'
import { issueServerCertificate, makeKeyPair } from '#shared/pki/issue.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import { missingLine } from '#test/cluster/guide.ts'
import { type AcmeLab, acmeLab } from '#test/support/acme-lab/acme-lab.ts'
import { type Stuck, statusOfStuck } from '#test/support/acme-lab/trouble.ts'
import { authority, days } from '#test/support/certificates.ts'
import { issuer, secret, strongroom } from '#test/support/resources.ts'
import { root } from '#test/support/source-tree/source-tree.ts'

/** Heading → the lines that the page shows first below it, for the zone of the lab. */
const symptoms = symptomsIn(readFileSync(path.join(root, 'docs/guides/troubleshooting.md'), 'utf8'))
const compared = new Set<string>()

function symptomsIn(page: string): ReadonlyMap<string, readonly string[]> {
  const sections = page.split(/^## /m).slice(1)
  const shown = (section: string) => /^```text\n([\s\S]*?)^```$/m.exec(section)?.[1] ?? ''
  return new Map(
    sections.map((section) => [
      section.split('\n', 1)[0] ?? '',
      shown(section).trim().replaceAll('example.com', 'lab.test').split('\n'),
    ]),
  )
}

function shows(heading: string, output: string): void {
  const lines = symptoms.get(heading)
  assert.ok(lines !== undefined, `the page has no section "${heading}"`)
  assert.equal(missingLine(output, lines), undefined, output)
  compared.add(heading)
}

/** Says that the answer is there, whatever is. */
const idle: Solver = {
  type: 'http-01',
  label: 'http01',
  present: async () => undefined,
  check: async () => undefined,
  cleanUp: async () => undefined,
}

describe('troubleshooting.md', () => {
  let lab: AcmeLab
  before(async () => {
    lab = await acmeLab({ blockedDomains: ['blocked.lab.test'] })
    await lab.dns.setAddress('db.lab.test', '127.0.0.1')
  })
  after(() => lab?.[Symbol.asyncDispose]())

  const stuck = (what: Partial<Stuck>) =>
    statusOfStuck({ lab, name: 'db.lab.test', solver: idle, ...what })

  function rfc2136(more: Partial<DnsSolverConfig> = {}, tsigSecret = lab.dns.tsigKey.secret) {
    const { address, port, tsigKey } = lab.dns
    const config = {
      rfc2136: { server: address, tsigKeyName: tsigKey.name },
      nameservers: [address],
      ...more,
    }
    return dnsSolver(config, { tsigSecret }, { clock: systemClock, authoritativePort: port })
  }

  test('the DNS record is not shown yet', async () => {
    const forgetful = { ...rfc2136(), present: async () => undefined }
    shows('The DNS record is not shown yet', await stuck({ solver: forgetful }))
  })

  test('the challenge is delegated and the solver does not follow', async () => {
    await lab.dns.setAlias('_acme-challenge.led.lab.test', 'elsewhere.other.test')
    const name = 'led.lab.test'
    const output = (await stuck({ name, solver: rfc2136() })).replaceAll(name, 'db.lab.test')
    shows('The challenge is delegated and the solver does not follow', output)
  })

  test('port 80 cannot be reached', async () => {
    shows('Port 80 cannot be reached', await stuck({}))
  })

  test('the name does not resolve', async () => {
    shows('The name does not resolve', await stuck({ name: 'nobody.lab.test' }))
  })

  test('the CA does not issue for this name', async () => {
    const output = await stuck({ name: 'blocked.lab.test' })
    shows('The CA does not issue for this name', output)
  })

  test('too many requests', async () => {
    const detail =
      'too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s'
    const refusal = { status: 429, type: 'rateLimited', detail, retryAfter: 3600 }
    const failing = lab.fail({ action: 'newOrder', with: refusal })
    const output = await stuck({})
    failing.end()
    shows('Too many requests', output)
    assert.match(output, /goes on .* \(in (59|60) min\)/, 'it waits exactly as long as it is told')
  })

  test('the TSIG key is wrong', async () => {
    const other = Buffer.alloc(32, 7).toString('base64')
    shows('The TSIG key is wrong', await stuck({ solver: rfc2136({}, other) }))
  })

  test('the CA does not answer', async () => {
    const output = await stuck({ before: () => lab.stop() })
    await lab.start()
    shows('The CA does not answer', output)
  })

  test("the CA's own HTTPS certificate is not trusted", async () => {
    shows("The CA's own HTTPS certificate is not trusted", await accountRefusal(lab.directoryUrl))
  })

  test('the CA wants an account of its own', async () => {
    const key = Buffer.alloc(32, 1).toString('base64url')
    await using strict = await acmeLab({ eab: { 'customer-17': key } })
    const { directoryUrl, trust } = strict
    shows('The CA wants an account of its own', await accountRefusal(directoryUrl, trust))
  })

  test("the account's key is gone", () => {
    shows("The account's key is gone", withoutKey(lab.directoryUrl))
  })

  test('the issuer is not found', () => {
    const gone = issuerNotFound('letsencrypt')
    const issuer = 'StrongroomIssuer letsencrypt'
    const until = { notAfter: '2026-09-01T00:00:00.000Z', renewAt: '2026-08-01T00:00:00.000Z' }
    const first = hindered(gone, { reason: 'Missing', issuer, order: undefined })
    const said = [first, settled(issuer, until, gone)].map(inWords)
    shows('The issuer is not found', said.join('\n'))
  })

  test('your own Secret cannot be served', async () => {
    const pair = async (validity = days(90, Date.now()), name = 'db.lab.test') => {
      const issued = await issueServerCertificate(await authority('public'), {
        commonName: name,
        dnsNames: [name],
        ipAddresses: [],
        validity,
        keys: await makeKeyPair('p-256'),
      })
      return {
        'tls.crt': certificatePem(issued.certificate),
        'tls.key': privateKeyPem(issued.privateKey),
      }
    }
    const good = await pair()
    const contents = [
      { ...good, 'tls.key': 'nonsense' },
      await pair(days(1, Date.now() - 30 * 86_400_000)),
      { ...good, 'tls.key': (await pair())['tls.key'] },
      undefined,
      await pair(undefined, 'other.lab.test'),
    ]
    const said = contents.map(secretTrouble)
    shows('Your own Secret cannot be served', said.join('\n'))
    assert.equal(secretTrouble(good), 'nothing')
  })

  test('every section of the page was compared', () => {
    assert.deepEqual([...symptoms.keys()].toSorted(), [...compared].toSorted())
  })
})

/** The condition of an issuer whose CA makes no account. */
async function accountRefusal(directoryUrl: string, trust?: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const api = httpsAcme({ directoryUrl, trust, accountKey: privateKey, now: Date.now })
  try {
    await api.newAccount({})
    return 'the account was made'
  } catch (error) {
    return inWords(troubleOf(error).halt)
  } finally {
    api.close()
  }
}

/** The condition of an issuer that has an account, and whose Secret is not there. */
function withoutKey(directoryUrl: string): string {
  const decision = decide({
    nowMs: Date.now(),
    resource: issuer({
      status: {
        account: {
          url: `${directoryUrl}/account/1`,
          server: directoryUrl,
          keyThumbprint: 'x',
          checkedAt: new Date().toISOString(),
        },
      },
    }),
    authority: undefined,
    account: { kind: 'missing', secretName: 'letsencrypt-account' },
    accountSecret: undefined,
    staged: { kind: 'missing', secretName: 'letsencrypt-next-account' },
    stagedSecret: undefined,
    isStagedOurs: false,
    binding: { kind: 'none' },
    solverTrouble: undefined,
    isDoubted: false,
    inputs: '',
  })
  return 'message' in decision ? inWords(decision) : decision.kind
}

function inWords({
  reason,
  message,
}: {
  readonly reason: string
  readonly message: string
}): string {
  return `${reason}: ${message}`
}

/** Reason and message of the condition. */
function secretTrouble(content: Readonly<Record<string, string>> | undefined): string {
  const found = userCertificateFinding({
    secret: content === undefined ? undefined : secret('public', content),
    name: 'public',
    cluster: strongroom({
      spec: {
        exposure: { host: 'db.lab.test' },
        tls: { server: { secretRef: { name: 'public' } } },
      },
    }),
    nowMs: Date.now(),
  })
  return found === undefined ? 'nothing' : inWords(found)
}

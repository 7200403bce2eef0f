/**
 * docs/guides/troubleshooting.md on a cluster: each failure is made to happen, and what `kubectl describe` shows then is compared with the page;
 * some are mended as the page says. Members have no volume, so none of them runs: what goes wrong here goes wrong before they matter.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { issueServerCertificate, makeKeyPair } from '#shared/pki/issue.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import { type AcmeLab, acmeLab } from '#test/support/acme-lab/acme-lab.ts'
import { forgetfulWebhook } from '#test/support/acme-lab/forgetful-webhook.ts'
import { authority, days } from '#test/support/certificates.ts'
import { symptomsOfPage } from '#test/support/symptoms.ts'
import {
  issuerManifest,
  memberlessManifest,
  secretManifest,
  signedUpdates,
  tsigManifest,
} from '../ordering.ts'
import { newTenant, type Place, type Tenant } from '../suite.ts'

export function troublesSuite(place: () => Place): void {
  describe('troubleshooting.md shows what kubectl describe shows on a cluster', () => {
    const page = symptomsOfPage()
    let parts: AsyncDisposableStack
    let lab: AcmeLab
    let tenant: Tenant
    before(async () => {
      await using stack = new AsyncDisposableStack()
      const { cluster } = place()
      const address = cluster.hostAddress ?? ''
      const blockedDomains = ['blocked.lab.test']
      lab = stack.use(await acmeLab({ place: cluster, dnsPort: 53, blockedDomains }))
      const webhook = stack.use(await forgetfulWebhook(address))
      const dns = { dnsPolicy: 'None', 'dnsConfig.nameservers[0]': address }
      tenant = stack.use(await newTenant(place(), dns))
      await lab.dns.setAlias('_acme-challenge.led.lab.test', 'elsewhere.other.test')
      for (const name of ['closed', 'closed-outside'])
        await lab.dns.setAddress(`${name}.lab.test`, address)
      const all = Object.entries(solversFor(lab, webhook))
      await tenant.apply(
        [
          tsigManifest(lab),
          secretManifest('mistaken', { key: Buffer.alloc(32, 7).toString('base64') }),
          ...all.map(([name, solver]) => issuerManifest(lab, { name, solver })),
          ...all.map(([name]) => memberless(name)),
        ].join('\n---\n'),
      )
      parts = stack.move()
    })
    after(() => parts?.disposeAsync())

    /** Compares what is shown of these Strongrooms, one after the other, when they say so. */
    const shows = async (heading: string, expected: Readonly<Record<string, string>>) => {
      const shown: string[] = []
      for (const [name, reason] of Object.entries(expected))
        shown.push(await described(tenant, `strongroom/${name}`, reason))
      page.shows(heading, shown.join('\n'))
    }

    test('of records and addresses that cannot be found', async () => {
      await shows('The DNS record is not shown yet', { forgotten: 'NotVisible' })
      const delegated = 'The challenge is delegated and the solver does not follow'
      await shows(delegated, { led: 'NotVisible' })
      await shows('Port 80 cannot be reached', {
        closed: 'NotVisible',
        'closed-outside': 'Connection',
      })
      await shows('The name does not resolve', {
        nobody: 'NotVisible',
        'nobody-outside': 'Connection',
      })
      await shows('The Gateway API is not installed', { routed: 'GatewayApiMissing' })
    })

    test('of an issuer that a CA gives no account, or whose key is gone', async () => {
      const of = async (name: string, reason: string) =>
        described(tenant, `strongroomissuer/${name}`, reason)
      const { directoryUrl, trust } = lab
      await tenant.apply(issuerOf('letsencrypt', { directoryUrl, trust }))
      await tenant.ready('strongroomissuer/letsencrypt')
      await tenant.kubectl('delete', 'secret', 'letsencrypt-account')
      await using strict = await acmeLab({ place: place().cluster, eab: { 'customer-17': eab } })
      await tenant.apply(
        [issuerOf('private', { directoryUrl }), issuerOf('customers', strict)].join('\n---\n'),
      )
      page.shows(
        "The CA's own HTTPS certificate is not trusted",
        await of('private', 'DirectoryUnreachable'),
      )
      page.shows(
        'The CA wants an account of its own',
        await of('customers', 'ExternalAccountRequired'),
      )
      page.shows("The account's key is gone", await of('letsencrypt', 'AccountKeyMissing'))
    })

    test('and what the page says mends it: the right key, and a solver that follows', async () => {
      await shows('The TSIG key is wrong', { unsigned: 'DnsUpdateFailed' })
      await tenant.apply(secretManifest('mistaken', { key: lab.dns.tsigKey.secret }))
      await tenant.apply(
        issuerManifest(lab, {
          name: 'led',
          solver: signedUpdates(lab, { cnameStrategy: 'Follow' }),
        }),
      )
      for (const name of ['unsigned', 'led']) await said(tenant, `strongroom/${name}`, 'Issued')
    })

    test('of an issuer that is not found', async () => {
      await tenant.apply(memberless('lonely', { issuerRef: { name: 'letsencrypt' } }))
      await tenant.kubectl('delete', 'strongroomissuer', 'letsencrypt', 'unsigned')
      const lonely = await described(tenant, 'strongroom/lonely', 'IssuerNotFound')
      const renewed = await described(tenant, 'strongroom/unsigned', 'Issued')
      page.shows(
        'The issuer is not found',
        `${lonely}\n${renewed.replaceAll('"unsigned"', '"letsencrypt"')}`,
      )
    })

    test('of a CA that refuses, is busy, or is away', async () => {
      await shows('The CA does not issue for this name', { blocked: 'RejectedIdentifier' })
      const busy = lab.fail({ action: 'newOrder', with: tooMany })
      await tenant.apply(memberless('late', { issuerRef: { name: 'closed' } }))
      await shows('Too many requests', { late: 'RateLimited' })
      busy.end()
      await lab.stop()
      await tenant.apply(memberless('later', { issuerRef: { name: 'closed' } }))
      await shows('The CA does not answer', { later: 'NoAnswer' })
    })

    test("of a user's own Secret", async () => {
      const good = await pair('own.lab.test')
      const contents: readonly [
        reason: string,
        content: Readonly<Record<string, string>> | undefined,
      ][] = [
        ['SecretNotFound', undefined],
        ['SecretInvalid', { ...good, 'tls.key': 'nonsense' }],
        ['CertificateExpired', await pair('own.lab.test', days(1, Date.now() - 30 * 86_400_000))],
        ['KeyMismatch', { ...good, 'tls.key': (await pair('own.lab.test'))['tls.key'] ?? '' }],
        ['NameNotCovered', await pair('other.lab.test')],
      ]
      await tenant.apply(memberless('own', { secretRef: { name: 'public' } }))
      const shown: string[] = []
      for (const [reason, content] of contents) {
        if (content !== undefined) await tenant.apply(secretManifest('public', content))
        shown.push(await described(tenant, 'strongroom/own', reason))
      }
      page.shows('Your own Secret cannot be served', shown.join('\n'))
      await tenant.apply(secretManifest('public', good))
      await said(tenant, 'strongroom/own', 'Issued')
    })

    test('of events, in their order, with how often they came', async () => {
      const text = await tenant.kubectl('describe', 'strongroom', 'unsigned')
      const [, events = ''] = text.split(/^Events:$/m)
      assert.match(events, /MasterKeyMade[\s\S]*OrderFailing[\s\S]*StrongroomIssuer unsigned gave/)
    })

    test('with no section left out', () => {
      assert.deepEqual(page.compared().toSorted(), page.all.toSorted())
    })
  })
}

const tooMany = {
  ...{ status: 429, type: 'rateLimited', retryAfter: 3600 },
  detail:
    'too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s',
}
const eab = Buffer.alloc(32, 1).toString('base64url')

function solversFor(
  lab: AcmeLab,
  { url, trust }: { readonly url: string; readonly trust: string },
): Readonly<Record<string, object>> {
  const webhook = { url, caBundle: trust, tokenSecretRef: { name: 'tsig', key: 'key' } }
  return {
    forgotten: { dns01: { webhook } },
    led: signedUpdates(lab),
    closed: { http01: {} },
    'closed-outside': { http01: { check: 'None' } },
    nobody: { http01: {} },
    'nobody-outside': { http01: { check: 'None' } },
    routed: { http01: { gatewayHTTPRoute: { parentRefs: [{ name: 'web' }] } } },
    blocked: { http01: {} },
    unsigned: signedUpdates(lab, { secret: 'mistaken' }),
  }
}

/** Nothing is ordered from it. */
function issuerOf(
  name: string,
  lab: Pick<AcmeLab, 'directoryUrl'> & { readonly trust?: string },
): string {
  return issuerManifest(lab, { name, solver: { tlsAlpn01: {} } })
}

/** Each has a host of its own name. */
function memberless(name: string, server?: object): string {
  return memberlessManifest(name, { host: `${name}.lab.test`, ...(server && { server }) })
}

/** Where these say what is wrong. */
const conditions = { strongroom: 'PublicCertificateReady', strongroomissuer: 'Ready' } as const
const ownSecret = 'strongroom/own'

async function said(tenant: Tenant, resource: string, reason: string): Promise<void> {
  const [kind = ''] = resource.split('/')
  const type = resource === ownSecret ? 'CertificatesReady' : conditions[kind as 'strongroom']
  await tenant.reason(resource, type, reason)
}

/** With the host that the page has for that of a test. */
async function described(tenant: Tenant, resource: string, reason: string): Promise<string> {
  const [kind = '', name = ''] = resource.split('/')
  await said(tenant, resource, reason)
  const text = await tenant.kubectl('describe', kind, name)
  return text.replaceAll(`${name}.lab.test`, `${hostsOfPage[name] ?? 'db'}.lab.test`)
}

const hostsOfPage: Readonly<Record<string, string>> = {
  ...{ blocked: 'blocked', nobody: 'nobody', 'nobody-outside': 'nobody' },
}

async function pair(
  name: string,
  validity = days(90, Date.now()),
): Promise<Readonly<Record<string, string>>> {
  const issued = await issueServerCertificate(await authority('public'), {
    ...{ commonName: name, dnsNames: [name], ipAddresses: [] },
    ...{ validity, keys: await makeKeyPair('p-256') },
  })
  return {
    'tls.crt': certificatePem(issued.certificate),
    'tls.key': privateKeyPem(issued.privateKey),
  }
}

/**
 * What an operator looks at before it asks the CA, as it stands in a cluster: the name itself for HTTP-01, the zone's own servers for DNS-01.
 * Each look fails first, says what it saw, and goes well once that is mended. HTTP-01 goes through an Ingress, an HTTPRoute, and the Service alone;
 * controllers for the former two are a small proxy, and what it reads was checked by the API server.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { challengeComponent, http01Name } from '#operator/challenges/http01-objects.ts'
import { label } from '#operator/kube/labels.ts'
import { type AcmeLab, acmeLab } from '#test/support/acme-lab/acme-lab.ts'
import { strongroom } from '#test/support/resources.ts'
import { installGatewayApi, uninstallGatewayApi } from '#test/tools/gateway-api.ts'
import { ingressClass, ingressProxy } from '../ingress-proxy.ts'
import { issuerManifest, memberlessManifest, signedUpdates, tsigManifest } from '../ordering.ts'
import { until } from '../run.ts'
import { newTenant, type Place, type Tenant } from '../suite.ts'

/** Where the CA asks, and where every look goes: 80 and 53, as on the internet. */
const httpPort = 80
const dnsPort = 53

const hosts = {
  'by-ingress': 'ingress.lab.test',
  'by-route': 'route.lab.test',
  'by-service': 'service.lab.test',
  'by-zone': 'zone.other.test',
}
type Name = keyof typeof hosts
const names = Object.keys(hosts) as Name[]

export function looksSuite(place: () => Place): void {
  test('looks before the CA is asked: each says what it saw, and is mended by mending that, or by the switch for split-horizon networks', async (t) => {
    const { cluster } = place()
    const address = cluster.hostAddress ?? ''
    await using lab = await acmeLab({ place: cluster, httpPort, dnsPort })
    // An operator that sees the lab's zones, as every one sees those of the internet.
    const dns = { dnsPolicy: 'None', 'dnsConfig.nameservers[0]': address }
    await using tenant = await newTenant(place(), dns)
    const inside = address.replace(/^198\./, '127.')
    await using proxy = await ingressProxy(tenant, { address, port: httpPort, gateway })
    const led = http01Name(strongroom({ metadata: { name: 'by-service' } }), hosts['by-service'])
    await using direct = await ingressProxy(tenant, {
      ...{ address: inside, port: httpPort, service: led },
    })
    await using _ = { [Symbol.asyncDispose]: () => uninstallGatewayApi(cluster) }
    await lab.dns.setAddress(hosts['by-route'], address)
    // Two views of one network: the CA is led here, and the operator, from where it stands, to itself.
    await lab.dns.setAddress(hosts['by-service'], inside)
    await lab.dns.setAddress('ns.other.test', '127.0.0.1')
    await tenant.apply(declared(lab))

    for (const [name, seen] of Object.entries(sights))
      assert.match(await said(tenant, name, seen.reason), seen.message)
    assert.equal(lab.counts().challenge, 0, 'the CA was not asked')

    await lab.dns.setAddress(hosts['by-ingress'], address)
    await installGatewayApi(cluster)
    await tenant.apply(JSON.stringify(gate))
    await tenant.apply(issuerManifest(lab, { name: 'by-service', solver: service('None') }))
    const check = { mode: 'Recursive', nameservers: [lab.dns.address] }
    await tenant.apply(
      issuerManifest(lab, { name: 'by-zone', solver: signedUpdates(lab, { check }) }),
    )
    const began = performance.now()
    await Promise.all(names.map((name) => said(tenant, name, 'Issued')))
    t.diagnostic(`issued ${Math.round(performance.now() - began)} ms after it was mended`)
    for (const by of ['Ingress', 'HTTPRoute'] as const)
      assert.ok(proxy.passed(by) >= 2, `the operator and the CA came by ${by}`)
    assert.ok(direct.passed('Service') >= 1, 'the CA came by the Service')
    await nothingIsLeft(tenant)
    assert.equal(await restarts(tenant), '0')
  })
}

const gateway = 'gate'
const gate = {
  ...{ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', metadata: { name: gateway } },
  spec: {
    gatewayClassName: 'small',
    listeners: [{ name: 'http', protocol: 'HTTP', port: httpPort }],
  },
}

/** What stands in the way of each until it is mended. */
const sights: Readonly<Record<Name, { readonly reason: string; readonly message: RegExp }>> = {
  'by-ingress': {
    reason: 'NotVisible',
    message:
      /ingress\.lab\.test by http-01 .*Ingress class small\): http:\/\/ingress\.lab\.test\/\.well-known\/acme-challenge\/\S+ does not give the answer/,
  },
  'by-route': {
    reason: 'GatewayApiMissing',
    message:
      /route\.lab\.test by http-01 .*HTTPRoute of gateway\.networking\.k8s\.io\/v1 is not defined here\. Install the Gateway API/,
  },
  'by-service': {
    reason: 'NotVisible',
    message: /http:\/\/service\.lab\.test\/\S+ does not give the answer/,
  },
  'by-zone': {
    reason: 'NotVisible',
    message:
      /_acme-challenge\.zone\.other\.test is not shown by all servers yet: ns\.other\.test: /,
  },
}

function declared(lab: AcmeLab): string {
  const solvers: Readonly<Record<Name, object>> = {
    'by-ingress': { http01: { ingress: { className: ingressClass } } },
    'by-route': { http01: { gatewayHTTPRoute: { parentRefs: [{ name: gateway }] } } },
    'by-service': service('Fetch'),
    'by-zone': signedUpdates(lab),
  }
  return [
    tsigManifest(lab),
    ...names.map((name) => issuerManifest(lab, { name, solver: solvers[name] })),
    ...names.map((name) => memberlessManifest(name, { host: hosts[name] })),
  ].join('\n---\n')
}

function service(check: 'Fetch' | 'None'): object {
  return { http01: { check } }
}

function said(tenant: Tenant, name: string, reason: string): Promise<string> {
  return tenant.reason(`strongroom/${name}`, 'PublicCertificateReady', reason)
}

/** With the order everything goes that led the CA to the operator. */
async function nothingIsLeft(tenant: Tenant): Promise<void> {
  const kinds = 'service,endpointslice,ingress,httproute'
  const made = `${label.component}=${challengeComponent}`
  await until('what was made for challenges to be gone', async () => {
    const left = await tenant.kubectl('get', kinds, '-l', made, '-o', 'name')
    if (left !== '') throw new Error(left)
    return true
  })
}

function restarts(tenant: Tenant): Promise<string> {
  return tenant.kubectl(
    ...['get', 'pods', '-l', `${label.name}=strongroom-operator`],
    ...['-o', 'jsonpath={.items[*].status.containerStatuses[*].restartCount}'],
  )
}

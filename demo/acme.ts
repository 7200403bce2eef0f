/** A public certificate for the demo's server: a CA and a DNS server beside the cluster, and what is issued, counted on screen. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from '#test/cluster/cluster.ts'
import { type AcmeLab, acmeLab } from '#test/support/acme-lab/acme-lab.ts'
import type { Steps } from './steps.ts'

const host = 'vault.lab.test'
const lifeSeconds = 300
const lookEveryMs = 1_000

/** Without renewal information, a certificate is renewed after two thirds of its life. */
export function labBeside(cluster: Cluster, steps: Steps): Promise<AcmeLab> {
  return acmeLab({ place: cluster, lifeSeconds, hidesRenewalInfo: true, tell: steps.tell })
}

/** From the private CA of the quickstart to that one, while the server runs on. */
export async function orderCertificate(
  cluster: Cluster,
  lab: AcmeLab,
  steps: Steps,
): Promise<void> {
  await steps.run('StrongroomIssuer lab: DNS-01 by RFC 2136', async () => {
    await cluster.apply(issuer(lab))
    await cluster.kubectl('wait', '--for=condition=Ready', '--timeout=60s', 'strongroomissuer/lab')
  })
  await steps.run(`${host} is issued and served`, async () => {
    const server = { selfSigned: null, issuerRef: { name: 'lab' } }
    const patch = JSON.stringify({ spec: { exposure: { host }, tls: { server } } })
    await cluster.kubectl('patch', 'strongroom', 'vault', '--type=merge', '-p', patch)
    while ((await served(cluster)) === undefined) await sleep(lookEveryMs)
  })
}

/** Shows every certificate once it is served, until the demo ends. */
export async function countRenewals(
  cluster: Cluster,
  lab: AcmeLab,
  { steps, stop }: { readonly steps: Steps; readonly stop: AbortSignal },
): Promise<void> {
  steps.tell(
    `\nCertificates of the CA, as they are served:\n\n${rowOf(columns.map(([title]) => title))}`,
  )
  let shown = ''
  let count = 0
  while (!stop.aborted) {
    const now = await served(cluster).catch(nothing)
    if (now !== undefined && now.sha256 !== shown) {
      shown = now.sha256
      count += 1
      steps.tell(lineOf(now, { count, orders: lab.counts().newOrder }))
    }
    await sleep(lookEveryMs, undefined, { signal: stop }).catch(nothing)
  }
}

interface Served {
  readonly sha256: string
  readonly notAfter: string
  readonly renewAt: string
}

interface Status {
  readonly publicCertificate?: Served
  readonly members?: readonly {
    readonly serves?: { readonly public?: { readonly sha256: string } }
  }[]
}

/** The issued certificate, once every member serves it. */
async function served(cluster: Cluster): Promise<Served | undefined> {
  const text = await cluster.kubectl('get', 'strongroom', 'vault', '-o', 'jsonpath={.status}')
  const { publicCertificate: issued, members = [] }: Status = JSON.parse(text)
  const everywhere = members.every(({ serves }) => serves?.public?.sha256 === issued?.sha256)
  return everywhere ? issued : undefined
}

const columns = [
  ['', 11],
  ['served at', 9],
  ['certificate', 16],
  ['ends at', 8],
  ['renews at', 9],
  ['orders at the CA', 16],
] as const

function rowOf(cells: readonly string[]): string {
  const padded = columns.map(([, width], index) => (cells[index] ?? '').padEnd(width))
  return padded.join('  ').trimEnd()
}

function lineOf(
  { sha256, notAfter, renewAt }: Served,
  { count, orders }: { readonly count: number; readonly orders: number },
): string {
  const which = count === 1 ? 'first' : `renewal ${count - 1}`
  const at = time(new Date())
  return rowOf([which, at, sha256.slice(0, 16), time(notAfter), time(renewAt), String(orders)])
}

function time(moment: string | Date): string {
  return new Date(moment).toTimeString().slice(0, 8)
}

function nothing(): undefined {
  return undefined
}

function issuer({ directoryUrl, trust, dns }: AcmeLab): string {
  const { name, algorithm, secret } = dns.tsigKey
  const key = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'lab-dns' },
    stringData: { secret },
  }
  const rfc2136 = {
    server: dns.address,
    keyName: name,
    algorithm,
    keySecretRef: { name: 'lab-dns', key: 'secret' },
  }
  // The zone is delegated by nobody: its own server is asked in place of the internet's.
  const check = { mode: 'Recursive', nameservers: [dns.address] }
  const acme = {
    server: directoryUrl,
    caBundle: trust,
    profile: 'default',
    solvers: [{ dns01: { rfc2136, check } }],
  }
  const resource = {
    apiVersion: 'strongroom.dev/v1alpha1',
    kind: 'StrongroomIssuer',
    metadata: { name: 'lab' },
    spec: { acme },
  }
  return [key, resource].map((object) => JSON.stringify(object)).join('\n---\n')
}

/** A cluster that orders its public certificate from a CA in memory, which signs with a key of its own. */
import { createPublicKey } from 'node:crypto'
import type { StrongroomIssuer } from '#operator/api/issuer.ts'
import { names } from '#operator/api/names.ts'
import { type Strongroom, strongrooms } from '#operator/api/strongroom.ts'
import { secrets } from '#operator/kube/kinds.ts'
import type { Secret } from '#operator/kube/secret.ts'
import type { OrderingIssuer } from '#operator/strongrooms/orders/issuer.ts'
import { orderPass } from '#operator/strongrooms/orders/pass.ts'
import type { OrderMeans, Passed } from '#operator/strongrooms/orders/scene.ts'
import { OwnWrites } from '#operator/strongrooms/own-writes.ts'
import type { OrderState } from '#shared/acme/order-state.ts'
import { OrderedNames } from '#shared/acme/ordered-names.ts'
import { type Issued, issueServerCertificate } from '#shared/pki/issue.ts'
import { certificatePem } from '#shared/pki/pem.ts'
import { authority } from './certificates.ts'
import { FakeCa, FakeSolver } from './fake-ca.ts'
import { FakeKube } from './fake-kube.ts'
import { strongroom } from './resources.ts'
import { strongroomWorld, type World } from './strongroom-world.ts'

export const host = 'vault.example'
export const declared = {
  exposure: { host },
  tls: { server: { issuerRef: { name: 'le' } } },
} as const

export interface OrderWorld {
  readonly kube: FakeKube
  readonly ca: FakeCa
  readonly solver: FakeSolver
  readonly world: World
  readonly means: OrderMeans
  /** SHA-256 and reason of what was revoked. */
  readonly revoked: { readonly der: Uint8Array; readonly reason: number | undefined }[]
  readonly reported: string[]
  /** How attempts ended. */
  readonly ended: string[]
  readonly clock: { nowMs: number }
  readonly issuer: OrderingIssuer
  /** The StrongroomIssuer as the cache has it. */
  readonly seen: { resource: Partial<StrongroomIssuer> | undefined }
  /** The cache does not show the certificate yet. */
  readonly view: { isBehind: boolean }
  cluster(): Promise<Strongroom>
  served(): Promise<Secret | undefined>
  waiting(): Promise<Secret | undefined>
  /** One look; `isKilled` says before which writing down of its state the process dies. Who dies forgets what it wrote. */
  pass(isKilled?: (write: number) => boolean): Promise<Passed | undefined>
  /** Looks again, moving the clock, until nothing is ordered any more. */
  settle(isKilled?: (write: number) => boolean): Promise<Passed | undefined>
}

export async function orderWorld(
  given: Parameters<typeof strongroom>[0] = {},
  days = 90,
): Promise<OrderWorld> {
  const clock = { nowMs: Date.UTC(2026, 5, 1) }
  const now = () => clock.nowMs
  const kube = new FakeKube()
  const [ca, solver, world] = [new FakeCa(now), new FakeSolver(), await strongroomWorld()]
  const signer = await authority('public')
  ca.chain = (dnsNames, csr) => signed(signer, { dnsNames, csr, nowMs: now(), days })
  await kube.create(strongrooms, strongroom({ ...given, spec: { ...declared, ...given.spec } }))
  const revoked: OrderWorld['revoked'] = []
  const reported: string[] = []
  const ended: string[] = []
  const issuer: OrderingIssuer = {
    kind: 'acme',
    api: Object.assign(ca, {
      renewalInfo: async () => undefined,
      revoke: async (der: Uint8Array, reason?: number) => void revoked.push({ der, reason }),
    }),
    solverFor: (_name, offered) => (offered.includes('dns-01') ? solver : undefined),
    keyKind: 'p-256',
    occasion: '1',
  }
  const seen: OrderWorld['seen'] = { resource: {} }
  const view = { isBehind: false }
  const means: OrderMeans = {
    kube,
    cache: { list: () => [], get: (() => seen.resource) as OrderMeans['cache']['get'] },
    clock: { now },
    random: () => 0.5,
    report: async (_, { reason }) => void reported.push(reason),
    findIssuer: async () => issuer,
    ...{ orderedNames: new OrderedNames(), ownWrites: new OwnWrites() },
    issuance: (result) => void ended.push(result),
  }
  const ref = (name: string) => ({ name, namespace: 'shop' })
  const cluster = async (): Promise<Strongroom> => {
    const found = await kube.get<Strongroom>(strongrooms, ref('vault'))
    if (found === undefined) throw new Error('there is none')
    return found
  }
  const served = () => kube.get<Secret>(secrets, ref(names.issuedTls('vault')))
  let writes = 0
  const pass: OrderWorld['pass'] = async (isKilled = () => false) => {
    const resource = await cluster()
    const secret = await served()
    const isSeen = secret !== undefined && !view.isBehind
    const seen = new Map(isSeen ? [[secret.metadata.name, secret]] : [])
    const observed = world.seen({ cluster: resource, secrets: seen, nowMs: now(), members: [] })
    const write = async ({ order, certificate }: Passed): Promise<void> => {
      writes += 1
      if (isKilled(writes)) throw new Error('killed')
      means.ownWrites.note(await writeDown(kube, resource, { order, certificate }))
    }
    try {
      const passed = await orderPass(observed, means, write)
      if (passed !== undefined) means.ownWrites.note(await writeDown(kube, resource, passed))
      return passed
    } catch (error) {
      Object.assign(means, { ownWrites: new OwnWrites() })
      throw error
    }
  }
  const settle: OrderWorld['settle'] = async (isKilled) => {
    for (let look = 0; look < 100; look += 1) {
      const passed = await pass(isKilled).catch((error: Error) => {
        if (error.message !== 'killed') throw error
        return 'killed' as const
      })
      if (passed === 'killed') continue
      if (passed?.order === undefined) return passed
      clock.nowMs = Math.max(clock.nowMs, passed.againAtMs ?? 0)
    }
    throw new Error('it never settles')
  }
  return {
    ...{ kube, ca, solver, world, means, revoked, reported, ended, clock, issuer, cluster, served },
    ...{
      seen,
      view,
      pass,
      settle,
      waiting: () => kube.get(secrets, ref(names.nextServerKey('vault'))),
    },
  }
}

async function writeDown(
  kube: FakeKube,
  { apiVersion, kind, metadata: { name, namespace = '' } }: Strongroom,
  { order, certificate }: Pick<Passed, 'order' | 'certificate'>,
): Promise<Strongroom> {
  const status = { order, publicCertificate: certificate }
  return kube.applyStatus<Strongroom>(strongrooms, {
    ...{ apiVersion, kind, metadata: { name, namespace } },
    status: asStored(status),
  } as never)
}

/** As an API server gives it back: without what is undefined, and with the fields in another order. */
function asStored<T>(given: T): T {
  if (typeof given !== 'object' || given === null) return given
  if (Array.isArray(given)) return given.map(asStored) as T
  const entries = Object.entries(given).filter(([, value]) => value !== undefined)
  const sorted = entries.toSorted(([a], [b]) => a.localeCompare(b))
  return Object.fromEntries(sorted.map(([key, value]) => [key, asStored(value)])) as T
}

/** The SubjectPublicKeyInfo of a P-256 key: 91 bytes that always begin alike (RFC 5480). */
function p256KeyOf(csr: Uint8Array): Buffer {
  const whole = Buffer.from(csr)
  const at = whole.indexOf(Buffer.from('3059301306072a8648ce3d0201', 'hex'))
  return whole.subarray(at, at + 91)
}

interface Request {
  readonly dnsNames: readonly string[]
  readonly csr: Uint8Array
  readonly nowMs: number
  readonly days: number
}

async function signed(signer: Issued, { dnsNames, csr, nowMs, days }: Request): Promise<string> {
  const publicKey = createPublicKey({ key: p256KeyOf(csr), format: 'der', type: 'spki' })
  const { certificate } = await issueServerCertificate(signer, {
    commonName: dnsNames[0] ?? '',
    dnsNames,
    ipAddresses: [],
    validity: { notBefore: nowMs - 60_000, notAfter: nowMs + days * 86_400_000 },
    keys: { publicKey, privateKey: signer.privateKey },
  })
  return certificatePem(certificate)
}

/** An order that is being proven. */
export function openOrder(type: 'http-01' | 'dns-01', token: string): OrderState {
  const flags = { presented: true, visible: false, answered: false, cleanUps: 0 }
  const challenge = { type, token, thumbprint: 'thumbprint', url: 'https://ca.test/c', ...flags }
  const counts = { finalized: false, withoutReplaces: false, attempts: 0, retries: 0 }
  const authorizations = [
    { url: 'https://ca.test/a', name: host, status: 'pending', challenge } as const,
  ]
  return { wish: 'w', orderUrl: 'https://ca.test/o', status: 'pending', authorizations, ...counts }
}

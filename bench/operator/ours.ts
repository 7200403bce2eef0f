/** What is measured of our operator: rounds on tenants of one cluster, each with an operator of its own. */
import { until } from '#test/cluster/run.ts'
import { newTenant, type Place, type Tenant } from '#test/cluster/suite.ts'
import { quickstart, quickstartResources, writeAndRead } from '#test/cluster/suites/quickstart.ts'
import { publicAuthority } from '#test/support/public-authority.ts'
import { kilobytesIn } from '../process.ts'
import { writesDuring } from './audit.ts'
import { certificatesPerRound, manyCertificates, type OwnFigures } from './figures.ts'
import { callerOf, servedCertificate, serviceAddress } from './requests.ts'

const host = 'vault.example.test'

/** The operator looks at all it made once more within 45 s; from then on there is nothing to do. */
const settledMs = 50_000

export interface Rounds {
  readonly rounds: number
  readonly idleSeconds: number
}

export async function measureOurs(
  place: Place,
  { rounds, idleSeconds }: Rounds,
): Promise<OwnFigures> {
  const all = { ready: [], served: [], refused: [], again: [], secretWritten: [] } as Record<
    'ready' | 'served' | 'refused' | 'again' | 'secretWritten',
    number[]
  >
  let steady: Pick<OwnFigures, 'idleMb' | 'laterMb' | 'idleWrites' | 'idleCalls'> | undefined
  for (let round = 1; round <= rounds; round += 1) {
    await using tenant = await newTenant(place)
    all.ready.push(await seconds(() => becomesReady(tenant)))
    await writeAndRead(tenant, 'orders/1')
    if (round === 1) steady = await atRest(tenant, idleSeconds)
    for (let count = 1; count <= certificatesPerRound; count += 1)
      all.secretWritten.push(await seconds(() => certificateIsWritten(tenant, `one-${count}`)))
    all.again.push(await podComesBack(tenant))
    all.served.push(await secretIsServed(tenant))
    all.refused.push(await rightIsTaken(tenant))
  }
  if (steady === undefined) throw new Error('Cannot measure nothing: --rounds must be at least 1')
  return { ...all, ...steady }
}

async function becomesReady(tenant: Tenant): Promise<void> {
  await tenant.apply(quickstart)
  await tenant.ready(...quickstartResources)
}

/** Memory and calls of an operator that has nothing to do, and memory once it had more. */
async function atRest(
  tenant: Tenant,
  idleSeconds: number,
): Promise<Pick<OwnFigures, 'idleMb' | 'laterMb' | 'idleWrites' | 'idleCalls'>> {
  const user = `system:serviceaccount:${tenant.namespace}:strongroom`
  await new Promise((resolve) => setTimeout(resolve, settledMs))
  const idleMb = await operatorMb(tenant)
  const before = await apiCalls(tenant)
  const perMinute = 60 / idleSeconds
  const idleWrites = await writesDuring(
    tenant.place.cluster,
    ({ user: { username } }) => username === user,
    idleSeconds,
  )
  const idleCalls = (await apiCalls(tenant)) - before
  const names = Array.from({ length: manyCertificates }, (_, index) => `many-${index}`)
  await tenant.apply(names.map(certificate).join('\n---\n'))
  await Promise.all(names.map((name) => secretExists(tenant, name)))
  return {
    idleMb,
    laterMb: await operatorMb(tenant),
    idleWrites: Math.round(idleWrites * perMinute),
    idleCalls: Math.round(idleCalls * perMinute),
  }
}

async function certificateIsWritten(tenant: Tenant, name: string): Promise<void> {
  await tenant.apply(certificate(name))
  await secretExists(tenant, name)
}

function certificate(name: string): string {
  return `apiVersion: strongroom.dev/v1alpha1
kind: StrongroomCertificate
metadata: {name: ${name}}
spec: {clusterRef: {name: vault}, commonName: ${name}, secretName: ${name}}`
}

/** kubectl returns when the Secret is there: it watches. */
export async function secretExists(
  { kubectl }: Pick<Tenant, 'kubectl'>,
  name: string,
): Promise<void> {
  await kubectl('wait', '--for=create', '--timeout=120s', `secret/${name}`)
}

/** From the kill to the first answer of the next pod. */
async function podComesBack(tenant: Tenant): Promise<number> {
  const caller = await callerOf(tenant)
  const uid = await podUid(tenant)
  return seconds(async () => {
    await tenant.kubectl('delete', 'pod', 'vault-0', '--grace-period=0', '--force')
    await until('another pod', async () => ((await podUid(tenant)) !== uid ? true : undefined), {
      everyMs: 20,
    })
    await tenant.kubectl('wait', '--for=condition=Ready', '--timeout=60s', 'pod/vault-0')
    await status(caller.status, 200)
  })
}

async function secretIsServed(tenant: Tenant): Promise<number> {
  const { ca, issue } = await publicAuthority('public', host)
  const dial = { host: await serviceAddress(tenant), servername: host, ca }
  const apply = async (): Promise<void> => {
    const { yaml, sha256 } = await issue()
    await tenant.apply(yaml)
    const isServed = async (): Promise<true | undefined> =>
      (await servedCertificate(dial)) === sha256 ? true : undefined
    await until('the certificate to be served', isServed, { everyMs: 20 })
  }
  const server = { selfSigned: null, secretRef: { name: 'public' } }
  const spec = { exposure: { host }, tls: { server } }
  await tenant.apply((await issue()).yaml)
  await tenant.kubectl(
    'patch',
    'strongroom',
    'vault',
    '--type=merge',
    '-p',
    JSON.stringify({ spec }),
  )
  await apply()
  // A host is in the pod's template: what is measured is no restart.
  await tenant.kubectl('rollout', 'status', 'statefulset/vault', '--timeout=60s')
  await tenant.ready('strongroom/vault')
  return seconds(apply)
}

async function rightIsTaken(tenant: Tenant): Promise<number> {
  const caller = await callerOf(tenant)
  await status(caller.status, 200)
  return seconds(async () => {
    await tenant.kubectl('delete', 'strongroompermission', 'shop-orders', '--wait=false')
    await status(caller.status, 403)
  })
}

async function status(ask: () => Promise<number>, wanted: number): Promise<void> {
  await until(`status ${wanted}`, async () => ((await ask()) === wanted ? true : undefined), {
    everyMs: 20,
  })
}

async function podUid(tenant: Tenant): Promise<string | undefined> {
  const pod = await tenant.get<{ readonly metadata: { readonly uid: string } }>('pod', 'vault-0')
  return pod?.metadata.uid
}

async function operatorMb({ kubectl }: Tenant): Promise<number> {
  const read = 'require("fs").readFileSync("/proc/1/status", "utf8")'
  const text = await kubectl('exec', 'deployment/strongroom', '--', 'node', '-p', read)
  return Math.round(kilobytesIn(text, 'VmRSS') / 1024)
}

async function apiCalls({ kubectl }: Tenant): Promise<number> {
  const read =
    'fetch("http://127.0.0.1:8081/metrics").then((answer) => answer.text()).then(console.log)'
  const text = await kubectl('exec', 'deployment/strongroom', '--', 'node', '-e', read)
  const counts = text.matchAll(/^strongroom_operator_api_calls_total\{[^}]*\} (\d+)/gm)
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0)
}

export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const beganMs = performance.now()
  await work()
  return (performance.now() - beganMs) / 1000
}

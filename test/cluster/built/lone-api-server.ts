/**
 * An API server without a cluster: etcd and kube-apiserver as two processes on loopback, with what a built cluster is made of. It checks, defaults and stores
 * what it is sent as every API server does; nobody runs a pod.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClusterAccess } from '#operator/kube/access.ts'
import { HttpsKube } from '#operator/kube/https-kube.ts'
import { namespaces } from '#operator/kube/kinds.ts'
import { testAuthority } from '#test/support/https-server.ts'
import { until } from '../run.ts'
import type { Programs } from './build.ts'

export interface LoneApiServer extends AsyncDisposable {
  /** As an administrator of everything. */
  readonly access: ClusterAccess
}

export async function loneApiServer({ bin }: Programs): Promise<LoneApiServer> {
  const folder = mkdtempSync(join(tmpdir(), 'lone-api-server-'))
  const [client, peer, port] = await freePorts()
  const ca = await testAuthority()
  const token = randomBytes(16).toString('hex')
  const { cert, key } = await ca.server()
  const files = written(folder, { cert, key, tokens: `${token},admin,1,system:masters` })
  const children: ChildProcess[] = []
  const start = (name: string, args: readonly string[]): ChildProcess => {
    const log = openSync(join(folder, `${name}.log`), 'a')
    const child = spawn(join(bin, name), args, { stdio: ['ignore', log, log] })
    children.push(child)
    return child
  }
  start('etcd', etcd(folder, { client, peer }))
  const api = start('kube-apiserver', apiServer(folder, { client, port, files }))
  const access = {
    server: new URL(`https://127.0.0.1:${port}`),
    ca: Buffer.from(ca.pem),
    token: () => token,
  }
  const dispose = async (): Promise<void> => {
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(children.map(ended))
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    // The authority is this run's own: nobody else's server passes for this one.
    await until('the API server to be ready', () => isReady(access, { api, folder }), {
      withinMs: 120_000,
      everyMs: 200,
    })
  } catch (error) {
    await dispose()
    throw error
  }
  return { access, [Symbol.asyncDispose]: dispose }
}

interface Files {
  readonly cert: string
  readonly key: string
  readonly tokens: string
  readonly accountKey: string
}

function written(
  folder: string,
  texts: { readonly cert: string; readonly key: string; readonly tokens: string },
): Files {
  mkdirSync(join(folder, 'data'))
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const accountKey = String(privateKey.export({ type: 'sec1', format: 'pem' }))
  const all = { ...texts, accountKey }
  const put = (name: keyof Files): string => {
    const file = join(folder, name)
    writeFileSync(file, all[name], { mode: 0o600 })
    return file
  }
  return {
    cert: put('cert'),
    key: put('key'),
    tokens: put('tokens'),
    accountKey: put('accountKey'),
  }
}

function etcd(
  folder: string,
  ports: { readonly client: number; readonly peer: number },
): readonly string[] {
  const client = `http://127.0.0.1:${ports.client}`
  const peer = `http://127.0.0.1:${ports.peer}`
  return [
    '--name=e',
    `--data-dir=${join(folder, 'data')}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=e=${peer}`,
  ]
}

function apiServer(
  folder: string,
  {
    client,
    port,
    files,
  }: { readonly client: number; readonly port: number; readonly files: Files },
): readonly string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${client}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${folder}`,
    `--tls-cert-file=${files.cert}`,
    `--tls-private-key-file=${files.key}`,
    `--token-auth-file=${files.tokens}`,
    '--authorization-mode=RBAC',
    // Nobody is there who makes the accounts that it asks for.
    '--disable-admission-plugins=ServiceAccount',
    '--service-cluster-ip-range=10.0.0.0/24',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${files.accountKey}`,
    `--service-account-signing-key-file=${files.accountKey}`,
    '--endpoint-reconciler-type=none',
    '--profiling=false',
  ]
}

/** Given by the system, and free again a moment later. */
async function freePorts(): Promise<readonly [number, number, number]> {
  const servers = await Promise.all([listening(), listening(), listening()])
  const ports = servers.map((server) => (server.address() as { readonly port: number }).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports as unknown as readonly [number, number, number]
}

function listening(): Promise<ReturnType<typeof createServer>> {
  const server = createServer()
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}

async function isReady(
  access: ClusterAccess,
  { api, folder }: { readonly api: ChildProcess; readonly folder: string },
): Promise<true | undefined> {
  if (api.exitCode !== null)
    throw new Error(readFileSync(join(folder, 'kube-apiserver.log'), 'utf8').slice(-2_000))
  const kube = new HttpsKube(access, { timeoutMs: 5_000 })
  try {
    return (await kube.get(namespaces, { name: 'default' })) === undefined ? undefined : true
  } finally {
    kube.close()
  }
}

function ended(child: ChildProcess): Promise<unknown> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => child.once('exit', resolve))
}

/**
 * cert-manager as a peer: its own controllers, built from its Go module into a cache, run as a process beside the API server.
 * Its resource definitions are read from that module, too.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from '#scripts/cache.mjs'
import { goBuild, goEnvironment, hashOf } from '#test/cluster/built/go.ts'
import type { Cluster } from '#test/cluster/cluster.ts'
import { run } from '#test/cluster/run.ts'
import { isGoThere, madeOnce } from '#test/tools/built-once.ts'
import { residentMb, stop } from '../process.ts'

export interface CertManagerFiles {
  readonly program: string
  /** Folder of its resource definitions. */
  readonly definitions: string
}

export interface CertManager extends AsyncDisposable {
  readonly child: ChildProcess
  readonly residentMb: () => number
}

const module = join(import.meta.dirname, 'cert-manager')
const dependency = 'github.com/cert-manager/cert-manager'

/** Folder of its resource definitions, where it was built. */
export function certManagerDefinitions(): string | undefined {
  const { definitions } = filesIn(cached())
  return existsSync(definitions) ? definitions : undefined
}

function cached(): string {
  return join(cacheFolder('bench'), `cert-manager-${hashOf(module)}`)
}

function filesIn(folder: string): CertManagerFiles {
  return { program: join(folder, 'cert-manager'), definitions: join(folder, 'crds') }
}

/** Nothing where it is not built yet and Go is not there. */
export async function certManagerFiles(
  say: (line: string) => void,
): Promise<CertManagerFiles | undefined> {
  const folder = cached()
  if (existsSync(folder)) return filesIn(folder)
  if (!(await isGoThere())) return undefined
  await madeOnce(folder, async (draft) => {
    say('building cert-manager, once: some minutes')
    await goBuild({ module, output: join(draft, 'cert-manager'), packages: ['.'] })
    const list = ['list', '-m', '-f', '{{.Dir}}', dependency]
    const source = (await run('go', list, { cwd: module, env: goEnvironment() })).trim()
    cpSync(join(source, 'deploy/crds'), join(draft, 'crds'), { recursive: true })
  })
  return filesIn(folder)
}

export interface CertManagerPlace {
  /** The only one that it looks at; all where left out. */
  readonly namespace?: string
  /** `host:port` that must show a TXT record before the CA is asked; the system's where left out. */
  readonly nameserver?: string
}

export async function startCertManager(
  cluster: Cluster,
  { program, definitions }: CertManagerFiles,
  { namespace = '', nameserver = '' }: CertManagerPlace = {},
): Promise<CertManager> {
  await cluster.kubectl('apply', '--server-side', '-f', definitions)
  await cluster.kubectl(
    ...['wait', '--for=condition=Established', '--timeout=60s', 'crd'],
    ...['certificates', 'certificaterequests', 'issuers', 'clusterissuers'].map(
      (kind) => `${kind}.cert-manager.io`,
    ),
  )
  const flags = {
    kubeconfig: cluster.kubeconfig,
    namespace,
    'dns01-recursive-nameservers': nameserver,
  }
  const args = Object.entries(flags).map(([name, value]) => `-${name}=${value}`)
  const child = spawn(program, args, { stdio: 'ignore' })
  return {
    child,
    residentMb: () => residentMb(child),
    [Symbol.asyncDispose]: () => stop(child),
  }
}

/** A certificate authority of its own, which signs the certificates below. */
export const authority = `apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: self-signed}
spec: {selfSigned: {}}
---
${certificate('authority', 'self-signed', true)}
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: authority}
spec: {ca: {secretName: authority}}
`

/** A client certificate with a key like ours: RSA 3072. */
export function certificate(name: string, issuer = 'authority', isAuthority = false): string {
  return `apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: ${name}}
spec:
  secretName: ${name}
  commonName: ${name}
  isCA: ${isAuthority}
  privateKey: {algorithm: RSA, size: 3072}
  usages: [${isAuthority ? 'cert sign' : 'client auth'}]
  issuerRef: {name: ${issuer}}`
}

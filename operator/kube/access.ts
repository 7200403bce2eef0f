/**
 * How the API server is reached: from inside a pod (service account), or by a kubeconfig file.
 *
 * The token of a service account is rotated by kubelet about once an hour, so it is read again for each connection's request.
 */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { load } from 'js-yaml'
import { fits, misfit } from '#shared/schema/check.ts'
import { type Static, Type } from '#shared/schema/type.ts'

export interface ClusterAccess {
  readonly server: URL
  /** PEM that verifies the API server. */
  readonly ca: Buffer
  readonly certificate?: Buffer
  readonly key?: Buffer
  /** The bearer token of now. */
  readonly token?: () => string
}

const mounted = '/var/run/secrets/kubernetes.io/serviceaccount'

/** Access of a pod, from what kubelet mounts and sets. */
export function podAccess({
  host,
  port,
}: {
  readonly host: string
  readonly port: string
}): ClusterAccess {
  const name = host.includes(':') ? `[${host}]` : host
  return {
    server: new URL(`https://${name}:${port}`),
    ca: readFileSync(`${mounted}/ca.crt`),
    token: () => readFileSync(`${mounted}/token`, 'utf8').trim(),
  }
}

/** The namespace of the pod itself. */
export function podNamespace(): string {
  return readFileSync(`${mounted}/namespace`, 'utf8').trim()
}

const optionalText = Type.Optional(Type.String())
const kubeconfig = Type.Object({
  'current-context': Type.String(),
  contexts: Type.Array(
    Type.Object({
      name: Type.String(),
      context: Type.Object({ cluster: Type.String(), user: Type.String() }),
    }),
  ),
  clusters: Type.Array(
    Type.Object({
      name: Type.String(),
      cluster: Type.Object({
        server: Type.String(),
        'certificate-authority': optionalText,
        'certificate-authority-data': optionalText,
      }),
    }),
  ),
  users: Type.Array(
    Type.Object({
      name: Type.String(),
      user: Type.Object({
        'client-certificate': optionalText,
        'client-certificate-data': optionalText,
        'client-key': optionalText,
        'client-key-data': optionalText,
        token: optionalText,
        tokenFile: optionalText,
      }),
    }),
  ),
})

/**
 * Access by the current context of a kubeconfig file: certificate and key, or token. Programs that fetch credentials (`exec`)
 * are not run: give a file that holds them.
 */
export function kubeconfigAccess(file: string): ClusterAccess {
  const config = readConfig(file)
  const context = named(config.contexts, config['current-context'], file).context
  const { cluster } = named(config.clusters, context.cluster, file)
  const { user } = named(config.users, context.user, file)
  const material = (data: string | undefined, path: string | undefined): Buffer | undefined => {
    if (data !== undefined) return Buffer.from(data, 'base64')
    return path === undefined ? undefined : readFileSync(resolve(dirname(file), path))
  }
  const ca = material(cluster['certificate-authority-data'], cluster['certificate-authority'])
  if (ca === undefined)
    throw new Error(
      `Cannot use "${file}": cluster "${context.cluster}" names no certificate authority`,
    )
  const certificate = material(user['client-certificate-data'], user['client-certificate'])
  const key = material(user['client-key-data'], user['client-key'])
  const token = tokenOf(user.token, user.tokenFile && resolve(dirname(file), user.tokenFile))
  if (token === undefined && (certificate === undefined || key === undefined))
    throw new Error(
      `Cannot use "${file}": user "${context.user}" has neither a certificate with its key nor a token, and programs that fetch one are not run`,
    )
  return {
    server: new URL(cluster.server),
    ca,
    ...(certificate !== undefined && key !== undefined ? { certificate, key } : {}),
    ...(token === undefined ? {} : { token }),
  }
}

function readConfig(file: string): Static<typeof kubeconfig> {
  const found = load(readFileSync(file, 'utf8'))
  if (fits(kubeconfig, found)) return found
  const { instancePath, message } = misfit(kubeconfig, found) ?? { instancePath: '', message: '' }
  throw new Error(`Cannot use "${file}": it is no kubeconfig: ${instancePath || 'it'} ${message}`)
}

function tokenOf(token: string | undefined, file: string | undefined): (() => string) | undefined {
  if (token !== undefined) return () => token
  return file === undefined ? undefined : () => readFileSync(file, 'utf8').trim()
}

function named<T extends { readonly name: string }>(
  items: readonly T[],
  name: string,
  file: string,
): T {
  const item = items.find((candidate) => candidate.name === name)
  if (item === undefined) throw new Error(`Cannot use "${file}": it has no entry named "${name}"`)
  return item
}

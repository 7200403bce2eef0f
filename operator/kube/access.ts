/**
 * How the API server is reached: from inside a pod (service account), or by a kubeconfig file.
 *
 * The token of a service account is rotated by kubelet about once an hour, so it is read again for each connection's request.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Kubeconfig, material, readKubeconfig } from './kubeconfig.ts'

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

/** What a user shows the API server; a program may have fetched it. */
export interface Credentials {
  readonly certificate?: Buffer
  readonly key?: Buffer
  readonly token?: () => string
}

/**
 * Access by the current context of a kubeconfig file: certificate and key, or token. Programs that fetch credentials (`exec`)
 * are not run: give a file that holds them.
 */
export function kubeconfigAccess(file: string): ClusterAccess {
  const config = readKubeconfig([file])
  const { name, entry } = config.cluster
  const ca = authorityOf(config)
  if (ca === undefined)
    throw new Error(`Cannot use "${file}": cluster "${name}" names no certificate authority`)
  const credentials = storedCredentials(config)
  if (credentials === undefined)
    throw new Error(
      `Cannot use "${file}": user "${config.user.name}" has neither a certificate with its key nor a token, and programs that fetch one are not run`,
    )
  return { server: new URL(entry.server), ca, ...credentials }
}

/** PEM of the authority that the file names for the API server. */
export function authorityOf({ cluster: { entry, folder } }: Kubeconfig): Buffer | undefined {
  const place = {
    data: entry['certificate-authority-data'],
    path: entry['certificate-authority'],
  }
  return material(place, folder)
}

/** Certificate with key, or token, where the file holds or names them. */
export function storedCredentials({
  user: { entry, folder },
}: Kubeconfig): Credentials | undefined {
  const certificate = material(
    { data: entry['client-certificate-data'], path: entry['client-certificate'] },
    folder,
  )
  const key = material({ data: entry['client-key-data'], path: entry['client-key'] }, folder)
  const token = tokenOf(entry.token, entry.tokenFile && resolve(folder, entry.tokenFile))
  const pair = certificate !== undefined && key !== undefined ? { certificate, key } : {}
  const found = { ...pair, ...(token === undefined ? {} : { token }) }
  return Object.keys(found).length === 0 ? undefined : found
}

function tokenOf(token: string | undefined, file: string | undefined): (() => string) | undefined {
  if (token !== undefined) return () => token
  return file === undefined ? undefined : () => readFileSync(file, 'utf8').trim()
}

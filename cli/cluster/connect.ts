/** The API server that the user's kubeconfig names, and the namespace that is meant. Nothing but the API server is ever asked. */
import { rootCertificates } from 'node:tls'
import { kubeconfigFiles } from '#cli/environment.ts'
import { cliErrors } from '#cli/errors.ts'
import { callTimeoutMs } from '#cli/limits.ts'
import { authorityOf, type Credentials, storedCredentials } from '#operator/kube/access.ts'
import { HttpsKube } from '#operator/kube/https-kube.ts'
import { type Kind, type Kube, KubeError } from '#operator/kube/kube.ts'
import { type Kubeconfig, readKubeconfig } from '#operator/kube/kubeconfig.ts'
import { type Check, firstFinding } from '#shared/checks.ts'
import { CodedError } from '#shared/errors.ts'
import type { Where } from './arguments.ts'
import { execCredentials } from './exec-credential.ts'

export interface Connection extends Disposable {
  readonly kube: Pick<Kube, 'get' | 'list' | 'patch'>
  /** That of the flag, of the context, or `default`. */
  readonly namespace: string
  /** As a message names it. */
  readonly server: string
}

/** Throws `KubeconfigUnusable` or `CredentialsMissing`. */
export async function connect(where: Where, env: NodeJS.ProcessEnv): Promise<Connection> {
  const config = read(where, env)
  const credentials = await credentialsOf(config, env)
  const server = new URL(config.cluster.entry.server)
  const ca = usable(() => authorityOf(config)) ?? Buffer.from(rootCertificates.join('\n'))
  const kube = new HttpsKube({ server, ca, ...credentials }, { timeoutMs: callTimeoutMs })
  return {
    kube,
    namespace: where.namespace ?? config.namespace ?? 'default',
    server: server.origin,
    [Symbol.dispose]: () => kube.close(),
  }
}

/** What kubectl does and this command does not; in order, the first that is found is said. */
const refusals: readonly Check<Kubeconfig, string>[] = [
  ({ cluster: { entry } }) =>
    isOn(entry['insecure-skip-tls-verify'])
      ? 'insecure-skip-tls-verify asks for a connection that is not verified'
      : undefined,
  ({ cluster: { entry } }) =>
    URL.canParse(entry.server) && new URL(entry.server).protocol === 'https:'
      ? undefined
      : `its server "${entry.server}" is no https:// address`,
  ({ cluster: { entry } }) => said(entry['proxy-url'], 'a proxy (proxy-url)'),
  ({ cluster: { entry } }) => said(entry['tls-server-name'], 'another name (tls-server-name)'),
  ({ user: { entry } }) => said(entry['auth-provider'], 'an auth-provider; use an exec plugin'),
  ({ user: { entry } }) => said(entry.username, 'a password'),
  ({ user: { entry } }) => said(entry.as, 'impersonation (as)'),
  ({ user: { entry } }) =>
    entry.exec?.interactiveMode === 'Always'
      ? `"${entry.exec.command}" has to ask a person something, and gets no terminal from this command`
      : undefined,
]

function read(where: Where, env: NodeJS.ProcessEnv): Kubeconfig {
  const files = where.kubeconfig === undefined ? kubeconfigFiles(env) : [where.kubeconfig]
  const config = usable(() => readKubeconfig(files, where.context))
  const refusal = firstFinding(refusals, config)
  if (refusal !== undefined)
    throw cliErrors.KubeconfigUnusable(
      `context "${config.context}" of "${config.file}": ${refusal}`,
    )
  return config
}

/** What the file holds goes before a program, as with kubectl. */
async function credentialsOf(config: Kubeconfig, env: NodeJS.ProcessEnv): Promise<Credentials> {
  const stored = usable(() => storedCredentials(config))
  if (stored !== undefined) return stored
  const { exec } = config.user.entry
  if (exec !== undefined) return execCredentials(exec, config, env)
  throw cliErrors.KubeconfigUnusable(
    `user "${config.user.name}" of "${config.file}" has no certificate with its key, no token, and no program that fetches one`,
  )
}

function usable<T>(readIt: () => T): T {
  try {
    return readIt()
  } catch (error) {
    throw cliErrors.KubeconfigUnusable(error instanceof Error ? error.message : String(error))
  }
}

function isOn(value: unknown): boolean {
  return value !== undefined && value !== false
}

function said(value: unknown, what: string): string | undefined {
  return isOn(value) ? `it asks for ${what}, which this command does not do` : undefined
}

/** A failed call in the command's words; `kind`: what was asked for. */
export function asked<T>(call: Promise<T>, kind: Kind, server: string): Promise<T> {
  return call.catch((error: unknown) => {
    if (error instanceof CodedError) throw error
    if (!(error instanceof KubeError))
      throw cliErrors.ApiServerUnreachable(server, error instanceof Error ? error.message : '')
    // A list of a kind that is not installed is a 404 without a resource in it.
    if (error.status === 404) throw cliErrors.KindsMissing(kind.kind)
    throw cliErrors.ApiServerRefused(error.status, error.message.slice(0, 1000))
  })
}

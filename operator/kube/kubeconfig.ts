/**
 * A kubeconfig: what one of its contexts says of cluster, user and namespace. Several files count as one, as for kubectl: what the
 * first of them names stands, and files that they name lie beside the one that does.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import { fits, misfit } from '#shared/schema/check.ts'
import { type Static, Type } from '#shared/schema/type.ts'

const optionalText = Type.Optional(Type.String())

const contextEntry = Type.Object({
  cluster: Type.String(),
  user: Type.String(),
  namespace: optionalText,
})
const clusterEntry = Type.Object({
  server: Type.String(),
  'certificate-authority': optionalText,
  'certificate-authority-data': optionalText,
  'insecure-skip-tls-verify': Type.Optional(Type.Boolean()),
  'proxy-url': optionalText,
  'tls-server-name': optionalText,
})
const execEntry = Type.Object({
  apiVersion: Type.String(),
  command: Type.String(),
  args: Type.Optional(Type.Array(Type.String())),
  env: Type.Optional(Type.Array(Type.Object({ name: Type.String(), value: Type.String() }))),
  provideClusterInfo: Type.Optional(Type.Boolean()),
  interactiveMode: optionalText,
  installHint: optionalText,
})
const userEntry = Type.Object({
  'client-certificate': optionalText,
  'client-certificate-data': optionalText,
  'client-key': optionalText,
  'client-key-data': optionalText,
  token: optionalText,
  tokenFile: optionalText,
  exec: Type.Optional(execEntry),
  'auth-provider': Type.Optional(Type.Object({})),
  username: optionalText,
  as: optionalText,
})
const wholeFile = Type.Object({
  'current-context': optionalText,
  contexts: Type.Optional(Type.Array(Type.Object({ name: Type.String(), context: contextEntry }))),
  clusters: Type.Optional(Type.Array(Type.Object({ name: Type.String(), cluster: clusterEntry }))),
  users: Type.Optional(Type.Array(Type.Object({ name: Type.String(), user: userEntry }))),
})

/** A program that fetches credentials (client.authentication.k8s.io). */
export type ExecEntry = Static<typeof execEntry>
export type ClusterEntry = Static<typeof clusterEntry>
export type UserEntry = Static<typeof userEntry>

/** An entry, and the folder from which its file names count. */
interface Placed<T> {
  readonly name: string
  readonly entry: T
  readonly folder: string
}

export interface Kubeconfig {
  /** As a message names it. */
  readonly file: string
  readonly context: string
  readonly namespace: string | undefined
  readonly cluster: Placed<ClusterEntry>
  readonly user: Placed<UserEntry>
}

/** `context`: another than the current one. Throws in words where a file is no kubeconfig or an entry is missing. */
export function readKubeconfig(files: readonly string[], context?: string): Kubeconfig {
  const file = files.join(', ')
  const read = files.map(readFile)
  const current = context ?? read.map((one) => one.current).find((found) => found)
  if (current === undefined) throw new Error(`Cannot use "${file}": it names no current context`)
  const find = <T>(entries: readonly Placed<T>[], name: string): Placed<T> => {
    const found = entries.find((one) => one.name === name)
    if (found === undefined)
      throw new Error(`Cannot use "${file}": it has no entry named "${name}"`)
    return found
  }
  const { entry } = find(
    read.flatMap(({ contexts }) => contexts),
    current,
  )
  return {
    file,
    context: current,
    namespace: entry.namespace,
    cluster: find(
      read.flatMap(({ clusters }) => clusters),
      entry.cluster,
    ),
    user: find(
      read.flatMap(({ users }) => users),
      entry.user,
    ),
  }
}

interface ReadFile {
  readonly current: string | undefined
  readonly contexts: readonly Placed<Static<typeof contextEntry>>[]
  readonly clusters: readonly Placed<ClusterEntry>[]
  readonly users: readonly Placed<UserEntry>[]
}

function readFile(file: string): ReadFile {
  const found = withoutNulls(parsed(readFileSync(file, 'utf8')))
  if (!fits(wholeFile, found)) {
    const { instancePath, message } = misfit(wholeFile, found) ?? { instancePath: '', message: '' }
    throw new Error(`Cannot use "${file}": it is no kubeconfig: ${instancePath || 'it'} ${message}`)
  }
  const folder = dirname(file)
  const { contexts = [], clusters = [], users = [] } = found
  return {
    current: found['current-context'],
    contexts: contexts.map(({ name, context }) => ({ name, entry: context, folder })),
    clusters: clusters.map(({ name, cluster }) => ({ name, entry: cluster, folder })),
    users: users.map(({ name, user }) => ({ name, entry: user, folder })),
  }
}

/** The reader of YAML takes 4 MB: it comes only where there is YAML to read, and in a pod there is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return readYaml(text)
  }
}

function readYaml(text: string): unknown {
  const { load }: typeof import('js-yaml') = createRequire(import.meta.url)('js-yaml')
  return load(text)
}

/** Programs write `args: null` where they mean none. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(kept.map(([key, member]) => [key, withoutNulls(member)]))
}

/** Bytes that stand in the file in Base64, or in a file of their own. */
export function material(
  { data, path }: { readonly data: string | undefined; readonly path: string | undefined },
  folder: string,
): Buffer | undefined {
  if (data !== undefined) return Buffer.from(data, 'base64')
  return path === undefined ? undefined : readFileSync(resolve(folder, path))
}

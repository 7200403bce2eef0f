/** A kubeconfig and an HTTPS server behind it that has the resources it is given, as a command of people finds them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { customKinds } from '#operator/api/kinds.ts'
import type { KubeObject } from '#operator/kube/kube.ts'
import { type Asked, json, testAuthority, tlsServer } from './https-server.ts'

export interface ApiServer extends AsyncDisposable {
  readonly kubeconfig: string
  readonly port: number
  readonly asked: readonly Asked[]
  /** From now on every call is cut off, or none any more. */
  cut(isCut: boolean): void
}

/** `objects` as they are when it is asked. `refuses`: answers every call with that status. Patches are taken and forgotten. */
export async function apiServer(
  objects: readonly KubeObject[],
  { refuses }: { readonly refuses?: number } = {},
): Promise<ApiServer> {
  const ca = await testAuthority()
  let isCut = false
  const server = await tlsServer(await ca.server(), (asked, answer) => {
    if (isCut) return void answer.destroy()
    const found = refuses === undefined ? answerOf(objects, asked) : undefined
    if (refuses !== undefined)
      json(answer, refuses, { reason: 'Refused', message: 'no, says the API server' })
    else if (found === undefined) json(answer, 404, { reason: 'NotFound', message: 'not found' })
    else json(answer, 200, found)
  })
  const folder = mkdtempSync(join(tmpdir(), 'api-server-'))
  const kubeconfig = join(folder, 'config')
  const authority = Buffer.from(ca.pem).toString('base64')
  writeFileSync(
    kubeconfig,
    `
current-context: here
contexts: [{name: here, context: {cluster: c, user: u, namespace: shop}}]
clusters: [{name: c, cluster: {server: "https://localhost:${server.port}", certificate-authority-data: ${authority}}}]
users: [{name: u, user: {token: the-token}}]
`,
  )
  return {
    kubeconfig,
    port: server.port,
    asked: server.asked,
    cut: (wish) => {
      isCut = wish
    },
    [Symbol.asyncDispose]: async () => {
      rmSync(folder, { recursive: true, force: true })
      await server[Symbol.asyncDispose]()
    },
  }
}

function answerOf(objects: readonly KubeObject[], { url }: Asked): object | undefined {
  const [path = ''] = url.split('?')
  const [, namespace, plural = '', name] =
    /\/v1alpha1\/(?:namespaces\/([^/]+)\/)?([^/]+)(?:\/(.+))?$/.exec(path) ?? []
  const kind = customKinds.find((one) => one.plural === plural)?.kind
  const all = objects.filter(
    (one) => one.kind === kind && (namespace === undefined || one.metadata.namespace === namespace),
  )
  if (name === undefined) return { metadata: { resourceVersion: '1' }, items: all }
  return all.find(({ metadata }) => metadata.name === name)
}

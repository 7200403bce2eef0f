/**
 * The Gateway API's own resource definitions, as far as HTTP-01 needs them: read from its pinned Go module, which is fetched once.
 * None of their text is here.
 */
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadAll } from 'js-yaml'
import { cacheFolder } from '#scripts/cache.mjs'
import { goEnvironment, hashOf } from '#test/cluster/built/go.ts'
import type { Cluster } from '#test/cluster/cluster.ts'
import { run } from '#test/cluster/run.ts'
import { madeOnce } from './built-once.ts'

interface Definition {
  readonly metadata: { readonly name: string }
}

const module = join(import.meta.dirname, 'gateway-api')
const dependency = 'sigs.k8s.io/gateway-api'
const names = ['gatewayclasses', 'gateways', 'httproutes'].map(
  (plural) => `${plural}.gateway.networking.k8s.io`,
)

/** From then on the cluster knows Gateways and HTTPRoutes; nobody is there who does anything with them. */
export async function installGatewayApi(
  cluster: Pick<Cluster, 'apply' | 'kubectl'>,
): Promise<void> {
  const definitions = await gatewayApiDefinitions()
  // They are too large for what client-side apply writes down beside an object.
  await cluster.apply(
    definitions.map((each) => JSON.stringify(each)).join('\n---\n'),
    '--server-side',
  )
  await cluster.kubectl(
    ...['wait', '--for=condition=Established', '--timeout=60s', 'crd'],
    ...names,
  )
}

export async function uninstallGatewayApi(cluster: Pick<Cluster, 'kubectl'>): Promise<void> {
  await cluster.kubectl('delete', 'crd', '--ignore-not-found', ...names)
}

async function gatewayApiDefinitions(): Promise<readonly Definition[]> {
  const folder = join(cacheFolder('tools'), `gateway-api-${hashOf(module)}`)
  await madeOnce(folder, async (draft) => {
    const download = ['mod', 'download', '-json', dependency]
    const { Dir } = JSON.parse(await run('go', download, { cwd: module, env: goEnvironment() }))
    cpSync(join(Dir, 'config/crd/standard'), draft, { recursive: true })
  })
  const found = readdirSync(folder)
    .flatMap((file) => loadAll(readFileSync(join(folder, file), 'utf8')) as Definition[])
    .filter(({ metadata }) => names.includes(metadata.name))
  if (found.length !== names.length) throw new Error(`${folder} lacks some of ${names.join(', ')}`)
  return found
}

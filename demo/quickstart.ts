/** The operator and the quickstart on a cluster, as a reader of the guides does it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Place, root } from '#test/cluster/suite.ts'
import type { Steps } from './steps.ts'

const resources = [
  'strongroom/vault',
  'strongroomdatabase/orders',
  'strongroomcertificate/shop',
  'strongroompermission/shop-orders',
]

export async function installChart({ helm, image }: Place): Promise<void> {
  const [repository = '', tag = ''] = image.reference.split(/:(?=[^:]+$)/)
  const values = { repository, tag, pullPolicy: 'Never' }
  const sets = Object.entries(values).flatMap(([key, value]) => ['--set', `image.${key}=${value}`])
  const chart = ['strongroom', join(root, 'charts/strongroom')]
  const where = ['--namespace', 'strongroom', '--create-namespace', '--wait', '--timeout', '120s']
  await helm('install', ...chart, ...where, ...sets)
}

/** Shows each resource when it is ready. */
export async function applyQuickstart({ cluster }: Place, steps: Steps): Promise<void> {
  await steps.run('kubectl apply -f examples/quickstart.yaml', () =>
    cluster.apply(readFileSync(join(root, 'examples/quickstart.yaml'), 'utf8')),
  )
  const waiting = resources.map((resource) =>
    steps.run(`${resource} is Ready`, () =>
      cluster.kubectl('wait', '--for=condition=Ready', '--timeout=180s', resource),
    ),
  )
  const failed = (await Promise.allSettled(waiting)).find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
}

/** What the program "shop" would mount, as files. */
export async function copyCertificate({ cluster }: Place, folder: string): Promise<void> {
  const secret = JSON.parse(await cluster.kubectl('get', 'secret', 'shop-tls', '-o', 'json'))
  for (const name of ['ca.crt', 'client.pem', 'keystore.p12'])
    writeFileSync(join(folder, name), Buffer.from(secret.data[name], 'base64'), { mode: 0o600 })
}

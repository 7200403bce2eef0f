/**
 * A cluster by `kind`, where Docker runs: for users' machines. Faults are not for it.
 *
 * kind itself is not installed here: it is taken from the PATH, or built from its Go module where Go is there.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cluster } from './cluster.ts'
import { run, succeeds } from './run.ts'

const version = 'v0.31.0'

export interface KindOptions {
  readonly nodes: number
  /** Folder that outlives the checkout. */
  readonly cache: string
  readonly kubectlProgram: string
}

export async function kindCluster({ nodes, cache, kubectlProgram }: KindOptions): Promise<Cluster> {
  const kind = await kindProgram(cache)
  const work = mkdtempSync(join(tmpdir(), 'strongroom-kind-'))
  const name = `strongroom-${process.pid}`
  const kubeconfig = join(work, 'kubeconfig')
  const roles = ['control-plane', ...Array.from({ length: nodes - 1 }, () => 'worker')]
  writeFileSync(
    join(work, 'kind.yaml'),
    `kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes:\n${roles.map((role) => `- role: ${role}\n`).join('')}`,
  )
  const dispose = async (): Promise<void> => {
    await run(kind, ['delete', 'cluster', '--name', name])
    rmSync(work, { recursive: true, force: true })
  }
  try {
    await run(
      kind,
      [
        'create',
        'cluster',
        '--name',
        name,
        '--kubeconfig',
        kubeconfig,
        '--config',
        join(work, 'kind.yaml'),
        '--wait',
        '180s',
      ],
      { show: true },
    )
  } catch (error) {
    await dispose()
    throw error
  }
  const kubectl = (args: readonly string[], input = ''): Promise<string> =>
    run(kubectlProgram, [`--kubeconfig=${kubeconfig}`, ...args], { input, timeoutMs: 300_000 })
  return {
    kind: 'kind',
    kubeconfig,
    kubectlProgram,
    kubectl: (...args) => kubectl(args),
    apply: (yaml, ...args) => kubectl(['apply', '-f', '-', ...args], yaml),
    loadImage: async (archive) => {
      await run(kind, ['load', 'image-archive', archive, '--name', name])
    },
    faults: undefined,
    hostAddress: undefined,
    auditLines: noLines,
    [Symbol.asyncDispose]: dispose,
  }
}

async function kindProgram(cache: string): Promise<string> {
  if (await succeeds('kind', ['version'])) return 'kind'
  const program = join(cache, 'kind')
  if (existsSync(program)) return program
  mkdirSync(cache, { recursive: true })
  await run('go', ['install', `sigs.k8s.io/kind@${version}`], {
    env: { ...process.env, GOBIN: cache },
    show: true,
  })
  return program
}

async function* noLines(): AsyncGenerator<string> {
  // Its API server writes no audit log.
}

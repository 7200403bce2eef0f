/** The operator as a process, as image and chart run it: the same command and options, with modules that were compiled before. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cacheFolder } from '#scripts/cache.mjs'
import type { Cluster } from '#test/cluster/cluster.ts'
import { run, until } from '#test/cluster/run.ts'
import { root } from '#test/cluster/suite.ts'
import { freePort, stop } from '../process.ts'

export interface OperatorProcess extends AsyncDisposable {
  readonly child: ChildProcess
  /** Resolves once it has looked at so many Strongrooms, and has nothing more to do for them. */
  isThroughWith(count: number): Promise<void>
}

const lookedWithinMs = 10 * 60_000
/** Without a look for so long it has nothing to do. */
const quietMs = 2_000

/** Once before any is measured. */
export async function warm(): Promise<void> {
  await run(process.execPath, [join(root, 'cli/warm.ts')], { env: environment() })
}

export async function startOperator(cluster: Cluster, namespace: string): Promise<OperatorProcess> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'bench-acme-'))
  const settings = {
    kubeconfig: await kubeconfigIn(folder, cluster),
    image: 'none',
    'watch-namespaces': namespace,
    'leader-election': 'false',
    'probe-port': port,
    'challenge-port': 0,
    'log-level': 'error',
  }
  const flags = Object.entries(settings).map(([name, value]) => `--${name}=${value}`)
  const args = [join(root, 'cli/main.ts'), 'operator', ...flags]
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: environment(),
  })
  return {
    child,
    isThroughWith: async (count) => {
      let before = 0
      const isQuiet = async (): Promise<true | undefined> => {
        const now = await looks(port)
        const isSame = now === before
        before = now
        return isSame && now >= count ? true : undefined
      }
      const what = `the operator to be through with ${count} Strongrooms`
      await until(what, isQuiet, { withinMs: lookedWithinMs, everyMs: quietMs })
    },
    [Symbol.asyncDispose]: async () => {
      await stop(child)
      rmSync(folder, { recursive: true })
    },
  }
}

/** As JSON: like in a pod, nothing is loaded that reads YAML. */
async function kubeconfigIn(folder: string, { kubectl }: Cluster): Promise<string> {
  const file = join(folder, 'kubeconfig.json')
  const view = ['config', 'view', '--raw', '--flatten', '-o', 'json']
  writeFileSync(file, await kubectl(...view), { mode: 0o600 })
  return file
}

async function looks(port: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const counts = text.matchAll(
    /^strongroom_operator_reconciles_total\{[^}]*controller="strongrooms"[^}]*\} (\d+)/gm,
  )
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0)
}

function environment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    NODE_ENV: 'production',
    NODE_COMPILE_CACHE: join(cacheFolder('bench'), 'compile-cache'),
    NODE_OPTIONS: chartOptions(),
  }
}

/** Of Node, as the chart gives them to the operator. */
function chartOptions(): string {
  const chart = readFileSync(join(root, 'charts/strongroom/templates/deployment.yaml'), 'utf8')
  const [, options] = /- name: NODE_OPTIONS\n +value: (.+)/.exec(chart) ?? []
  if (options === undefined) throw new Error('The chart gives no options of Node')
  return options
}

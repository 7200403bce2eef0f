/** The operator as a process, as image and chart run it: the same command and options, with modules that were compiled before. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from '#scripts/cache.mjs'
import type { Cluster } from '#test/cluster/cluster.ts'
import { run, until } from '#test/cluster/run.ts'
import { root } from '#test/cluster/suite.ts'
import { freePort, stop } from '../process.ts'

export interface OperatorProcess extends AsyncDisposable {
  readonly child: ChildProcess
  /** Resolves once it has looked at so many Strongrooms. */
  hasLookedAt(count: number): Promise<void>
}

const lookedWithinMs = 10 * 60_000

/** Once before any is measured. */
export async function warm(): Promise<void> {
  await run(process.execPath, [join(root, 'cli/warm.ts')], { env: environment() })
}

export async function startOperator(
  { kubeconfig }: Cluster,
  namespace: string,
): Promise<OperatorProcess> {
  const port = await freePort()
  const settings = {
    kubeconfig,
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
    hasLookedAt: (count) =>
      until(
        `the operator to look at ${count} Strongrooms`,
        async () => ((await looks(port)) >= count ? true : undefined),
        { withinMs: lookedWithinMs, everyMs: 500 },
      ).then(() => undefined),
    [Symbol.asyncDispose]: () => stop(child),
  }
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

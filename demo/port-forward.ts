/** A port of this machine that leads to the Service, also after its pod was deleted and came back. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Cluster } from '#test/cluster/cluster.ts'
import { until } from '#test/cluster/run.ts'

export interface Forward extends AsyncDisposable {
  /** The server's internal certificate covers `localhost`. */
  readonly url: string
}

export async function forwardPort({ kubectlProgram, kubeconfig }: Cluster): Promise<Forward> {
  const port = await freePort()
  let isOver = false
  let isUp = false
  let child: ChildProcess | undefined
  const kubectl = (...args: readonly string[]): ReturnType<typeof spawn> =>
    spawn(kubectlProgram, [`--kubeconfig=${kubeconfig}`, ...args], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  const begin = (): void => {
    child = kubectl('port-forward', 'service/vault', `${port}:8443`)
    child.stdout?.on('data', () => {
      isUp = true
    })
    child.once('exit', () => {
      if (!isOver) setTimeout(begin, 300)
    })
  }
  begin()
  // kubectl itself would notice a new pod only by a failed connection.
  const watch = kubectl(
    'get',
    'pod',
    'vault-0',
    '--watch-only',
    '--output=jsonpath={.metadata.uid} ',
  )
  let uid: string | undefined
  watch.stdout?.on('data', (part: Buffer) => {
    const seen = part.toString().trim().split(' ').at(-1)
    if (uid !== undefined && seen !== uid) child?.kill('SIGTERM')
    uid = seen
  })
  await until('the port to be forwarded', () => isUp || undefined, { withinMs: 20_000 })
  return {
    url: `https://localhost:${port}`,
    [Symbol.asyncDispose]: async () => {
      isOver = true
      watch.kill('SIGTERM')
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('Cannot find a free port')
  return address.port
}

/**
 * A machine inside this one: a shell script as process 1 of its own process and mount namespaces, in a network namespace. One
 * SIGKILL ends everything in it, mounts included: that is its power switch.
 */
import { spawn } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { until } from '../run.ts'
import type { Layout } from './layout.ts'

export interface MachineParts {
  /** Name of the network namespace, and of the machine. */
  readonly name: string
  /** What process 1 runs, in sh. */
  readonly script: string
}

export async function switchOn({ run }: Layout, { name, script }: MachineParts): Promise<void> {
  const file = join(run, `${name}.sh`)
  mkdirSync(join(run, 'log'), { recursive: true })
  writeFileSync(file, script, { mode: 0o700 })
  const log = openSync(join(run, 'log', `${name}.log`), 'a')
  const namespaces = [
    'unshare',
    '--mount',
    '--pid',
    '--fork',
    '--mount-proc',
    '--kill-child',
    '--propagation',
    'private',
  ]
  // Not `ip netns exec`: it mounts a new /sys, which hides the control groups from kubelet.
  const child = spawn('nsenter', [`--net=/run/netns/${name}`, ...namespaces, '/bin/sh', file], {
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  child.unref()
  const { pid } = child
  if (pid === undefined) throw new Error(`Cannot start machine ${name}: see ${join(run, 'log')}`)
  writeFileSync(pidFile(run, name), String(pid))
}

/** Ends it at once and waits until the kernel is through. */
export async function switchOff(run: string, name: string): Promise<void> {
  const file = pidFile(run, name)
  if (!existsSync(file)) return
  const pid = Number(readFileSync(file, 'utf8'))
  if (isMachine(pid, name)) process.kill(pid, 'SIGKILL')
  await until(
    `machine ${name} to end`,
    () => (existsSync(`/proc/${pid}/status`) && isMachine(pid, name) ? undefined : true),
    { withinMs: 20_000, everyMs: 20 },
  )
  rmSync(file, { force: true })
}

/** The process seen from inside as number 1: its `/proc/<pid>/root` is the machine's file system. */
export function initPid(run: string, name: string): number {
  const pid = readFileSync(pidFile(run, name), 'utf8')
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
  return Number(child)
}

function pidFile(run: string, name: string): string {
  return join(run, `${name}.pid`)
}

/** A number may have been given to somebody else meanwhile: only our own is ended. */
function isMachine(pid: number, name: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${name}.sh`)
  } catch {
    return false
  }
}

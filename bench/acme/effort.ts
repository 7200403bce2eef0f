/** What it takes a process, the API server and the CA until a number of certificates is there, and what the process keeps afterwards. */
import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from '#test/cluster/cluster.ts'
import type { AcmeLab } from '#test/support/acme-lab/acme-lab.ts'
import { type Caller, requests } from '../operator/audit.ts'
import { kilobytesIn } from '../process.ts'

export interface Effort {
  readonly seconds: number
  /** Of the process that orders. */
  readonly cpuSeconds: number
  /** Most that it ever had in memory, and what it has a while after its last certificate. */
  readonly peakMb: number
  readonly restMb: number
  /** Requests to the API server, and those of them that change something. */
  readonly calls: number
  readonly changes: number
  /** Orders at the CA. */
  readonly orders: number
}

export interface Subject {
  readonly child: ChildProcess
  readonly cluster: Cluster
  readonly isCaller: Caller
}

export interface Work {
  /** Begins it, while the process sleeps. */
  readonly act: () => Promise<unknown>
  /** So many of what is wanted are there. */
  readonly done: () => number
  readonly wanted: number
  /** Where certificates are ordered. */
  readonly lab?: AcmeLab
  readonly restSeconds: number
}

const patienceMs = 60 * 60_000
const lookMs = 20
const ticksPerSecond = 100

export async function effortOf(subject: Subject, work: Work): Promise<Effort> {
  const { child, cluster, isCaller } = subject
  const before = {
    cpuSeconds: cpuSeconds(child),
    ...(await requests(cluster, isCaller)),
    orders: ordersOf(work),
  }
  await asleep(child, work.act)
  const beganMs = performance.now()
  await ended(subject, work, beganMs)
  const seconds = (performance.now() - beganMs) / 1000
  const spent = cpuSeconds(child) - before.cpuSeconds
  const peak = memoryMb(child, 'VmHWM')
  const { calls, changes } = await requests(cluster, isCaller)
  const orders = ordersOf(work)
  await sleep(work.restSeconds * 1000)
  return {
    ...{ seconds, cpuSeconds: spent, peakMb: peak, restMb: memoryMb(child, 'VmRSS') },
    ...{ calls: calls - before.calls, changes: changes - before.changes },
    orders: orders - before.orders,
  }
}

/** What is measured is the controller, not how fast somebody applies: it sees everything at once. */
async function asleep(child: ChildProcess, act: () => Promise<unknown>): Promise<void> {
  child.kill('SIGSTOP')
  try {
    await act()
  } finally {
    child.kill('SIGCONT')
  }
}

async function ended({ child }: Subject, { done, wanted }: Work, beganMs: number): Promise<void> {
  while (done() < wanted) {
    if (performance.now() - beganMs > patienceMs)
      throw new Error(`only ${done()} of ${wanted} came in an hour`)
    if (child.exitCode !== null) throw new Error(`the process ended with ${child.exitCode}`)
    await sleep(lookMs)
  }
}

/** At the CA so far. */
function ordersOf({ lab }: Work): number {
  return lab?.counts().newOrder ?? 0
}

function cpuSeconds({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

function memoryMb({ pid }: ChildProcess, what: 'VmHWM' | 'VmRSS'): number {
  return Math.round(kilobytesIn(readFileSync(`/proc/${pid}/status`, 'utf8'), what) / 1024)
}

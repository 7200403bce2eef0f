/** A server inside the test's own process: the composition root on a folder, without the process around it. */
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Means, startServer } from '#server/app.ts'
import type { AuditEvent } from '#server/audit/event.ts'
import { readConfig } from '#server/config.ts'
import { logTo } from '#server/log.ts'
import { systemClock } from '#shared/clock.ts'
import { type Caller, caller, type Identity } from './caller.ts'

export interface RunningServer extends AsyncDisposable {
  readonly url: string
  readonly administrator: string | undefined
  /** Lines of the log, and events of the audit. */
  readonly log: readonly Record<string, unknown>[]
  readonly audited: readonly AuditEvent[]
  /** The administrator where nothing is given, `null` for one without a certificate. */
  caller(identity?: Identity | null): Promise<Caller>
}

/** Settings of a server whose administrator nobody needs: making his RSA key is what takes time at a first start. */
export const withoutAdministrator = `--Security.WellKnownCertificates.Admin=${'0'.repeat(40)}`

/** Starts on loopback and a free port; further settings as `--Key=Value`. */
export async function runningServer(
  folder: string,
  settings: readonly string[] = [],
  means: Partial<Means> = {},
): Promise<RunningServer> {
  const log: Record<string, unknown>[] = []
  const audited: AuditEvent[] = []
  const args = ['--ServerUrl=https://127.0.0.1:0', `--DataDir=${folder}`, ...settings]
  const { config } = readConfig({ args, env: {}, readText: () => undefined })
  const server = await startServer(config, {
    clock: systemClock,
    logger: logTo({ write: (line) => void log.push(JSON.parse(line)) }, 'debug'),
    audit: (event) => void audited.push(event),
    fatal: (error) => assert.fail(String(error)),
    ...means,
  })
  const file = (name: string) => readFile(join(folder, 'certificates', name), 'utf8')
  return {
    ...{ url: server.url, administrator: server.administrator, log, audited },
    caller: async (identity) => {
      const admin = async () => ({ cert: await file('admin.crt'), key: await file('admin.key') })
      const who = identity === null ? undefined : (identity ?? (await admin()))
      return caller({ url: server.url, ca: await file('ca.crt'), identity: who })
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

/** Runs work on a folder that is gone afterwards. */
export async function inDataFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'strongroom-server-'))
  try {
    await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Sends hostile requests to a server of its own, one after the other, and looks at what became of it. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createDatabase, putDocument } from './api.ts'
import type { Answer, Call, Caller } from './caller.ts'
import { everyRoute, hostileRequest } from './hostile-requests.ts'
import { authority, clientCredentials } from './pki.ts'
import { seeded } from './seeded.ts'
import { type ServerProcess, startServer } from './server-process.ts'

/** No single request keeps the loop longer. */
const busyMsMax = 100
export const database = 'hostile'

export interface HostileRun extends AsyncDisposable {
  readonly server: ServerProcess
  /** What was sent before is looked at no more. */
  begin(): void
  /** Sends it as the administrator; fails unless the answer is coded or none of the server's mistakes. */
  send(call: Call): Promise<Answer | undefined>
  /** So many for each route, as administrator, stranger and nobody. */
  everyRoute(seed: number, times: number): Promise<void>
  /** The server lives, answers, logged no mistake, kept nobody waiting, and took no more memory than that. */
  demandFine(residentBytesMax: number): Promise<void>
}

export async function hostileRun(folder: string): Promise<HostileRun> {
  const watch = path.join(import.meta.dirname, 'loop-watch.ts')
  const server = await startServer({ folder, within: ['env', `NODE_OPTIONS=--import=${watch}`] })
  const admin = server.caller()
  await createDatabase(admin, database)
  await putDocument(admin, database, { id: 'good/1', text: '{"fine":true}' })
  const stranger = server.caller(
    await clientCredentials(await authority('Foreign CA'), { commonName: 'stranger' }),
  )
  const nobody = server.caller(null)
  const sent: { readonly at: number; readonly call: Call }[] = []
  const sendAs = async (caller: Caller, call: Call) => {
    sent.push({ at: Date.now(), call })
    const answer = await caller.call(call).catch(() => undefined)
    if (answer !== undefined) demandCoded(call, answer)
    return answer
  }
  return {
    server,
    begin: () => void sent.splice(0),
    send: (call) => sendAs(admin, call),
    everyRoute: async (seed, times) => {
      const random = seeded(seed)
      for (const route of everyRoute)
        for (let again = 0; again < times; again += 1) {
          const caller = again % 4 === 3 ? random.pick([stranger, nobody]) : admin
          await sendAs(caller, hostileRequest(route, { random, database }))
        }
    },
    demandFine: async (residentBytesMax) => {
      // Whoever watches the loop has his turn, too.
      await setTimeout(50)
      assert.ok(server.alive, server.log().slice(-2_000))
      const { status } = await admin.get(`/databases/${database}/docs?id=good/1`)
      assert.equal(status, 200)
      assert.deepEqual(linesOf(server, /"level":"(?:error|fatal)"/), [])
      assert.deepEqual(
        await busyAgain(server, busyTimes(server, sent), sendAs.bind(undefined, admin)),
        [],
      )
      const bytes = highestResident(server)
      assert.ok(bytes <= residentBytesMax, `${bytes} bytes of memory were resident`)
    },
    [Symbol.asyncDispose]: async () => {
      for (const caller of [admin, stranger, nobody]) await caller[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

function demandCoded(call: Call, { status, headers, text }: Answer): void {
  const code = headers['strongroom-error']
  const what = `${call.method} ${call.path.slice(0, 200)} ${String(call.body ?? '').slice(0, 300)}`
  assert.ok(status < 500 || code !== undefined, `${what}: ${status} ${text.slice(0, 200)}`)
  assert.notEqual(code, 'Internal', what)
}

function linesOf(server: ServerProcess, which: RegExp): string[] {
  const lines = server.log().split('\n')
  return lines.filter((line) => which.test(line))
}

/** Of those requests, the ones that take too long each time: not those that met the compiler, or the garbage of others. */
async function busyAgain(
  server: ServerProcess,
  calls: readonly Call[],
  send: (call: Call) => Promise<unknown>,
): Promise<string[]> {
  const found: string[] = []
  for (const call of new Set(calls)) {
    let isBusy = true
    for (let again = 0; again < 3 && isBusy; again += 1) {
      await setTimeout(50)
      const at = Date.now()
      await send(call)
      await setTimeout(50)
      isBusy = busyTimes(server, [{ at, call }]).length > 0
    }
    if (isBusy)
      found.push(`${call.method} ${call.path.slice(0, 200)} ${String(call.body).slice(0, 200)}`)
  }
  return found
}

/** What was sent last before each time that was too long. The start of the server is its own affair. */
function busyTimes(
  server: ServerProcess,
  sent: readonly { readonly at: number; readonly call: Call }[],
) {
  const begin = sent[0]?.at ?? Date.now()
  return linesOf(server, /"stream":"loop"/)
    .map((line) => JSON.parse(line) as { readonly busyMs: number; readonly from: number })
    .filter(({ busyMs, from }) => busyMs > busyMsMax && from >= begin)
    .map(({ busyMs, from }) => sent.findLast(({ at }) => at <= from + busyMs)?.call)
    .filter((call) => call !== undefined)
}

/** Where the system tells; else nothing. */
function highestResident({ child }: ServerProcess): number {
  try {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}

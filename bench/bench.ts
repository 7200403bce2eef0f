/**
 * `npm run bench`: get by id and durable put of 1 KB over mutual TLS, start-up time and idle memory: ours, with an encrypted
 * database, beside its peers on the same machine in the same run, in interleaved rounds. Let nothing else run meanwhile.
 *
 *   --ravendb-4.1 SCRIPT, --ravendb-7.2 SCRIPT   programs that start the real ones: `SCRIPT start DIR --Key=Value…`
 *                                                (or STRONGROOM_BENCH_RAVENDB_4_1 and …_7_2 in the environment)
 *   --postgres DIR    folder with initdb, postgres and pgbench; found by itself where Debian puts it
 *   --vegeta PATH     load by vegeta rather than by bench/load-client.ts
 *   --rounds 3  --seconds 4  --connections 1,16  --documents 10000
 *   --json            nothing but the last line on standard output; the rest goes to standard error
 *
 * The last line is `{"rows":[{"what","peer","ratio","floor","goal"}]}`, bigger is better. Ends with 1 where a ratio is under its floor.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { hello } from './peers/hello.ts'
import type { Means, PeerServer } from './peers/peer.ts'
import { postgres } from './peers/postgres.ts'
import { raven41, raven72, strongroom } from './peers/raven.ts'
import { benchPki } from './pki.ts'
import { footprintRows, rateRows, type Sample } from './ratios.ts'
import { reportRows } from './rows.ts'

const { values } = parseArgs({
  options: {
    'ravendb-4.1': { type: 'string', default: process.env.STRONGROOM_BENCH_RAVENDB_4_1 ?? '' },
    'ravendb-7.2': { type: 'string', default: process.env.STRONGROOM_BENCH_RAVENDB_7_2 ?? '' },
    postgres: { type: 'string', default: debianPostgres() ?? '' },
    vegeta: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
    connections: { type: 'string', default: '1,16' },
    documents: { type: 'string', default: '10000' },
    json: { type: 'boolean', default: false },
  },
})

const folder = mkdtempSync(path.join(tmpdir(), 'strongroom-bench-'))
const means: Means = { folder, documents: Number(values.documents), vegeta: values.vegeta }
const pki = await benchPki()
const servers: PeerServer[] = []
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void closeAll().finally(() => process.exit(130)))
try {
  await startAll()
  const rows = [
    ...rateRows(await measure()),
    ...footprintRows(servers.flatMap((server) => server.footprint ?? [])),
  ]
  reportRows(rows, say)
} finally {
  await closeAll()
}

/** Also on Ctrl+C: a server that goes on running would spoil the next run. */
async function closeAll(): Promise<void> {
  for (const server of servers.splice(0)) await server.close()
  rmSync(folder, { recursive: true, force: true })
}

async function startAll(): Promise<void> {
  say(
    `load generator: ${means.vegeta ?? 'bench/load-client.ts, a process of its own'}; PostgreSQL is driven by pgbench`,
  )
  await add('ours', true, () => strongroom(means))
  await add('node:https hello', true, () => hello(means, pki))
  await add('RavenDB 4.1 (--ravendb-4.1 SCRIPT)', values['ravendb-4.1'] !== '', () =>
    raven41(means, values['ravendb-4.1']),
  )
  await add('RavenDB 7.2 (--ravendb-7.2 SCRIPT)', values['ravendb-7.2'] !== '', () =>
    raven72(means, values['ravendb-7.2']),
  )
  await add('PostgreSQL (--postgres DIR)', values.postgres !== '', () =>
    postgres(means, values.postgres, pki),
  )
}

async function add(
  name: string,
  installed: boolean,
  begin: () => Promise<PeerServer>,
): Promise<void> {
  if (!installed) {
    say(`MISSING, not measured: ${name}`)
    return
  }
  const server = await begin()
  servers.push(server)
  const { footprint } = server
  if (footprint === undefined) return
  say(
    `${footprint.peer}: first start ${footprint.firstStartMs} ms, later start ${footprint.startMs} ms, idle ${footprint.idleMb} MB`,
  )
}

async function measure(): Promise<Sample[]> {
  const samples: Sample[] = []
  for (let round = 1; round <= Number(values.rounds); round++)
    for (const connections of values.connections.split(',').map(Number))
      for (const what of ['get', 'put'] as const)
        for (const peer of servers.flatMap((server) => server.peers)) {
          if (!peer.whats.includes(what)) continue
          const result = await peer.run(what, connections, Number(values.seconds))
          samples.push({ peer: peer.name, what, connections, round, perSecond: result.perSecond })
          const errors = result.errors > 0 ? `  ${result.errors} ERRORS: no result` : ''
          say(
            `round ${round} ${what} c=${String(connections).padEnd(3)} ${peer.name.padEnd(22)} ${String(result.perSecond).padStart(7)}/s  p50 ${result.p50Ms} ms  p99 ${result.p99Ms} ms${errors}`,
          )
          if (result.errors > 0) process.exitCode = 1
        }
  return samples
}

function debianPostgres(): string | undefined {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).sort().reverse() : []
  return versions
    .map((version) => path.join(root, version, 'bin'))
    .find((bin) => existsSync(path.join(bin, 'pgbench')))
}

function say(line: string): void {
  if (values.json) console.error(line)
  else console.log(line)
}

/**
 * PostgreSQL over TLS with client certificates, driven by its own pgbench with prepared statements: a table of 1 KB jsonb.
 * Each new backend faults every shared page for itself, so the first seconds of a run are left out of the count.
 */
import { spawn } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { output } from '../load.ts'
import type { BenchPki } from '../pki.ts'
import { freePort, stop, until } from '../process.ts'
import { median, type What } from '../ratios.ts'
import { document, type Means, type Peer, type PeerServer } from './peer.ts'

const warmUpSeconds = 4

/** Starts one from the programs in `bin` in a folder of the bench's own; as user postgres where the bench runs as root. */
export async function postgres(means: Means, bin: string, pki: BenchPki): Promise<PeerServer> {
  const folder = path.join(means.folder, 'postgres')
  const owner = process.getuid?.() === 0 ? userOf('postgres') : {}
  mkdirSync(folder)
  chmodSync(means.folder, 0o755) // user postgres walks through it
  if (owner.uid !== undefined && owner.gid !== undefined) chownSync(folder, owner.uid, owner.gid)
  const cluster = path.join(folder, 'cluster')
  const options = { ...owner, cwd: folder }
  await output(
    path.join(bin, 'initdb'),
    ['-D', cluster, '-U', 'bench', '--no-instructions'],
    options,
  )
  const port = await freePort()
  writeOwned(cluster, owner, settings(folder, port, pki))
  const child = spawn(path.join(bin, 'postgres'), ['-D', cluster], { ...options, stdio: 'ignore' })
  const client = clientEnvironment(folder, port, pki)
  const ask = (sql: string): Promise<string> =>
    output(path.join(bin, 'psql'), ['-q', '-v', 'ON_ERROR_STOP=1', '-c', sql], { env: client })
  await until(child, () =>
    ask('select 1').then(
      () => true as const,
      () => undefined,
    ),
  )
  await ask('create table documents (id int primary key, body jsonb not null)')
  await fill(means, ask)
  const peer: Peer = {
    name: `PostgreSQL ${(await output(path.join(bin, 'postgres'), ['--version'])).match(/\d+/)?.[0]}`,
    whats: ['get', 'put'],
    run: (what, connections, seconds) =>
      pgbench(bin, folder, client, { what, connections, seconds, rows: means.documents }),
  }
  return { peers: [peer], close: () => stop(child) }
}

async function fill(means: Means, ask: (sql: string) => Promise<string>): Promise<void> {
  for (let from = 0; from < means.documents; from += 50) {
    const rows = Array.from(
      { length: Math.min(50, means.documents - from) },
      (_, n) => `(${from + n},'${document(from + n)}')`,
    )
    await ask(`insert into documents values ${rows.join(',')}`)
  }
  await ask('vacuum analyze documents')
}

function settings(folder: string, port: number, pki: BenchPki): Record<string, string> {
  const lines = [
    `port = ${port}`,
    `listen_addresses = '127.0.0.1'`,
    `unix_socket_directories = '${folder}'`,
    'shared_buffers = 256MB',
    'ssl = on',
    `ssl_min_protocol_version = 'TLSv1.3'`,
    `ssl_cert_file = 'server.crt'`,
    `ssl_key_file = 'server.key'`,
    `ssl_ca_file = 'ca.crt'`,
  ]
  return {
    'postgresql.conf': `${lines.join('\n')}\n`,
    'pg_hba.conf': 'hostssl all all 127.0.0.1/32 cert clientcert=verify-full\n',
    'server.crt': pki.serverCert,
    'server.key': pki.serverKey,
    'ca.crt': pki.ca,
  }
}

function writeOwned(folder: string, owner: Owner, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name)
    writeFileSync(file, text, { mode: 0o600 })
    if (owner.uid !== undefined && owner.gid !== undefined) chownSync(file, owner.uid, owner.gid)
  }
}

function clientEnvironment(folder: string, port: number, pki: BenchPki): NodeJS.ProcessEnv {
  const file = (name: string, text: string): string => {
    writeFileSync(path.join(folder, name), text, { mode: 0o600 })
    return path.join(folder, name)
  }
  return {
    PGHOST: 'localhost',
    PGHOSTADDR: '127.0.0.1',
    PGPORT: String(port),
    PGUSER: 'bench',
    PGDATABASE: 'postgres',
    PGSSLMODE: 'verify-full',
    PGSSLROOTCERT: file('client-ca.crt', pki.ca),
    PGSSLCERT: file('client.crt', pki.clientCert),
    PGSSLKEY: file('client.key', pki.clientKey),
  }
}

interface Owner {
  readonly uid?: number
  readonly gid?: number
}

function userOf(name: string): Owner {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((one) => one.startsWith(`${name}:`))
  if (line === undefined) throw new Error(`no user ${name}: PostgreSQL does not run as root`)
  const [, , uid, gid] = line.split(':')
  return { uid: Number(uid), gid: Number(gid) }
}

async function pgbench(
  bin: string,
  folder: string,
  env: NodeJS.ProcessEnv,
  run: {
    readonly what: What
    readonly connections: number
    readonly seconds: number
    readonly rows: number
  },
) {
  const script = path.join(folder, `${run.what}.sql`)
  const pick = `\\set id random(0, ${run.rows - 1})\n`
  const statement =
    run.what === 'get'
      ? 'select body from documents where id = :id;\n'
      : 'insert into documents values (:id, :body) on conflict (id) do update set body = excluded.body;\n'
  writeFileSync(script, pick + statement)
  const args = [
    '-n',
    '-M',
    'prepared',
    '-c',
    String(run.connections),
    '-j',
    '1',
    '-P',
    '1',
    '-D',
    `body=${document(1)}`,
  ]
  const seconds = warmUpSeconds + run.seconds
  const shell = 'exec "$@" 2>&1' // pgbench reports progress on standard error
  const text = await output(
    'sh',
    ['-c', shell, 'sh', path.join(bin, 'pgbench'), ...args, '-T', String(seconds), '-f', script],
    { env },
  )
  const lines = [...text.matchAll(/progress: \S+ s, ([\d.]+) tps, lat ([\d.]+) ms/g)].slice(
    warmUpSeconds,
  )
  const middle = (group: 1 | 2): number => median(lines.map((line) => Number(line[group])))
  return { perSecond: Math.round(middle(1)), p50Ms: middle(2), p99Ms: Number.NaN, errors: 0 }
}

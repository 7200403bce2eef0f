/** Knot as the primary of the lab's zones: it takes TXT records by signed updates (RFC 2136, RFC 8945), and the rest from the test. */
import { randomBytes } from 'node:crypto'
import { Resolver } from 'node:dns/promises'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '#test/cluster/run.ts'
import type { Knot } from '#test/tools/knot.ts'
import { type KnotPlace, knotSettings } from './knot-settings.ts'
import { type Leashed, startLeashed } from './leashed.ts'

export interface TsigKey {
  readonly name: string
  readonly algorithm: string
  /** Base64. */
  readonly secret: string
}

export interface LabDns {
  /** Address and port of the authoritative server. */
  readonly address: string
  readonly host: string
  readonly port: number
  /** What may change TXT records of each zone, and nothing else. */
  readonly tsigKey: TsigKey
  readonly zones: readonly string[]
  /** That the name, of one of the zones, has this address and no other. */
  setAddress(name: string, address: string): Promise<void>
  /** That the name stands for another one (CNAME). */
  setAlias(name: string, target: string): Promise<void>
  /** That the name has these texts and no other record. */
  setTexts(name: string, texts: readonly string[]): Promise<void>
  /** Texts of the name as they are now; none where there is no such name. */
  txt(name: string): Promise<readonly string[]>
  /** Records are kept. */
  stop(): Promise<void>
  start(): Promise<void>
  readonly log: () => string
}

export async function knotServer(
  { knotd, knotc, env }: Knot,
  { zones, ...place }: KnotPlace & { readonly zones: readonly string[] },
): Promise<LabDns> {
  const { folder, host, port } = place
  const tsigKey = { name: 'lab', algorithm: 'hmac-sha256', secret: base64(32) }
  mkdirSync(join(folder, 'db'), { recursive: true })
  for (const zone of zones) writeFileSync(join(folder, `${zone}.zone`), zoneFile(zone, host))
  writeFileSync(join(folder, 'knot.conf'), settings({ ...place, zones, tsigKey }), {
    mode: 0o600,
  })
  let server: Leashed | undefined
  const names = new Resolver({ timeout: 1_000, tries: 2 })
  names.setServers([`${host}:${port}`])
  const start = async (): Promise<void> => {
    server = startLeashed({ folder, program: knotd, args: ['-c', join(folder, 'knot.conf')], env })
    await server.hasPrinted('control, binding to')
  }
  let before: Promise<unknown> = Promise.resolve()
  /** One change after the other: a zone has one open transaction at most. */
  const change = (name: string, lines: readonly string[]): Promise<void> => {
    const zone = zoneOf(name, zones)
    const input = [`zone-begin ${zone}`, ...lines, `zone-commit ${zone}`, ''].join('\n')
    const done = before.then(async () => {
      const answer = await run(knotc, ['-s', join(folder, 'knot.sock')], { env, input })
      if (!answer.trimEnd().endsWith('OK'))
        throw new Error(`Cannot change zone ${zone}: ${answer}\n${server?.log()}`)
    })
    before = done.catch(() => undefined)
    return done
  }
  const set = (name: string, records: readonly string[]): Promise<void> =>
    change(name, setLines(zoneOf(name, zones), name, records))
  await start()
  return {
    address: `${host}:${port}`,
    ...{ host, port, tsigKey, zones, start },
    setAddress: (name, address) => set(name, [`A ${address}`]),
    setAlias: (name, target) => set(name, [`CNAME ${target}.`]),
    setTexts: (name, texts) =>
      set(
        name,
        texts.map((text) => `TXT ${text}`),
      ),
    txt: async (name) => (await names.resolveTxt(name).catch(none)).map((parts) => parts.join('')),
    stop: async () => server?.kill(),
    log: () => server?.log() ?? '',
  }
}

function none(error: NodeJS.ErrnoException): string[][] {
  if (error.code === 'ENOTFOUND' || error.code === 'ENODATA') return []
  throw error
}

/** Unsetting what is not there is an error that changes nothing. */
function setLines(zone: string, name: string, records: readonly string[]): string[] {
  const added = records.map((record) => `zone-set ${zone} ${name}. 1 ${record}`)
  return [`zone-unset ${zone} ${name}.`, ...added]
}

function zoneOf(name: string, zones: readonly string[]): string {
  const zone = zones.find((one) => name === one || name.endsWith(`.${one}`))
  if (zone === undefined) throw new Error(`${name} is in none of the zones ${zones.join(', ')}`)
  return zone
}

function base64(bytes: number): string {
  return randomBytes(bytes).toString('base64')
}

function zoneFile(zone: string, host: string): string {
  return `$ORIGIN ${zone}.
$TTL 1
@ SOA ns root 1 60 60 600 0
@ NS ns
ns A ${host}
`
}

function settings({
  zones,
  tsigKey,
  ...place
}: KnotPlace & { readonly zones: readonly string[]; readonly tsigKey: TsigKey }): string {
  return `${knotSettings(place)}key:
  - id: ${tsigKey.name}
    algorithm: ${tsigKey.algorithm}
    secret: ${tsigKey.secret}
acl:
  - id: lab
    key: ${tsigKey.name}
    action: [update]
    update-type: [TXT]
zone:
${zones.map((zone) => zoneSettings(zone, place.folder)).join('')}`
}

function zoneSettings(zone: string, folder: string): string {
  return `  - domain: ${zone}
    file: ${folder}/${zone}.zone
    zonefile-sync: -1
    zonefile-load: whole
    acl: lab
`
}

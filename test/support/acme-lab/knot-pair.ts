/**
 * Two real name servers of one zone: Knot as primary on 127.0.0.1, and as a secondary on 127.0.0.2 that is told of no change and looks
 * for one in an hour, or when the test lets it.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '#test/cluster/run.ts'
import { knotPrograms } from '#test/tools/knot.ts'
import { freePort } from './free-port.ts'
import { knotSettings } from './knot-settings.ts'
import { startLeashed } from './leashed.ts'

export interface KnotPair extends AsyncDisposable {
  readonly zone: string
  readonly primary: string
  readonly secondary: string
  /** Of both. */
  readonly port: number
  readonly tsigKey: { readonly name: string; readonly secret: string }
  /** Has the secondary fetch the zone as it is now. */
  catchUp(): Promise<void>
}

const hosts = { primary: '127.0.0.1', secondary: '127.0.0.2' } as const
type Role = keyof typeof hosts

const zone = 'pair.test'
const zoneFile = `$ORIGIN ${zone}.
$TTL 1
@ SOA ns1 root 1 3600 3600 86400 0
@ NS ns1
@ NS ns2
ns1 A ${hosts.primary}
ns2 A ${hosts.secondary}
`

export async function knotPair(): Promise<KnotPair> {
  const { knotd, knotc, env } = await knotPrograms((line) => process.stderr.write(`${line}\n`))
  await using parts = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-knots-'))
  parts.defer(() => rmSync(folder, { recursive: true, force: true }))
  const port = await freePort(hosts.primary)
  const secret = randomBytes(32).toString('base64')
  const at = { primary: join(folder, 'primary'), secondary: join(folder, 'secondary') }
  for (const role of ['primary', 'secondary'] as const) {
    mkdirSync(join(at[role], 'db'), { recursive: true })
    if (role === 'primary') writeFileSync(join(at.primary, 'zone'), zoneFile)
    const common = knotSettings({ folder: at[role], host: hosts[role], port })
    const settings = common + templateIn(at[role]) + ofRole[role]({ secret, port })
    writeFileSync(join(at[role], 'knot.conf'), settings, { mode: 0o600 })
    const args = ['-c', join(at[role], 'knot.conf')]
    const server = parts.use(startLeashed({ folder, program: knotd, args, env }))
    await server.hasPrinted(role === 'primary' ? 'control, binding to' : 'zone updated')
  }
  const running = parts.move()
  return {
    ...{ zone, port },
    primary: `${hosts.primary}:${port}`,
    secondary: `${hosts.secondary}:${port}`,
    tsigKey: { name: 'pair', secret },
    catchUp: async () => {
      await run(knotc, ['-s', join(at.secondary, 'knot.sock'), '-b', 'zone-refresh', zone], { env })
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

function templateIn(folder: string): string {
  return `template:
  - id: default
    storage: ${folder}
    file: zone
`
}

const ofRole: Readonly<Record<Role, (its: { secret: string; port: number }) => string>> = {
  primary: ({ secret }) => `key:
  - id: pair
    algorithm: hmac-sha256
    secret: ${secret}
acl:
  - id: update
    key: pair
    action: update
  - id: transfer
    address: 127.0.0.0/8
    action: transfer
zone:
  - domain: ${zone}
    acl: [update, transfer]
`,
  secondary: ({ port }) => `remote:
  - id: primary
    address: ${hosts.primary}@${port}
zone:
  - domain: ${zone}
    master: primary
`,
}

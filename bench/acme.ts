/**
 * `npm run bench:acme`: public certificates from a real CA (Pebble), ours beside cert-manager's, on one API server, one after the other:
 * many from a CA that has authorized the names before, and a few that are proven by DNS-01 through a real DNS server (Knot).
 *
 *   --certificates 500  --dns 20  --rounds 1  --rest 60 (seconds)  --json
 *
 * What each does: cert-manager's process, with all of its controllers, sees a Certificate for each name, and is through when each
 * has its certificate. Ours sees as many Strongrooms, made before, switched from a private CA to the issuer, and is through when
 * each has its certificate. A Strongroom has some fifteen objects where a Certificate has a Secret: making them is measured apart. Both
 * begin with a young process that sleeps until everything is applied, have the same account and kind of key, and look at one namespace. Every certificate
 * is checked afterwards: name, key, chain.
 *
 * The last line is `{"rows":[{"what","peer","ratio","floor","goal"}]}`, bigger is better. Ends with 1 where a ratio is under its floor.
 */
import { parseArgs } from 'node:util'
import { cacheFolder, clustersFolder } from '#scripts/cache.mjs'
import { availableCluster } from '#test/cluster/available.ts'
import { builtPrograms } from '#test/cluster/built/build.ts'
import { bringUp } from '#test/cluster/built/built.ts'
import type { Cluster } from '#test/cluster/cluster.ts'
import { caFor } from './acme/authorized-ca.ts'
import { dnsRows, instantRows, lineOf, type Pair } from './acme/figures.ts'
import { warm } from './acme/operator-process.ts'
import { measureOurs } from './acme/ours.ts'
import type { Task } from './acme/task.ts'
import { measureTheirs } from './acme/theirs.ts'
import { type CertManagerFiles, certManagerFiles } from './peers/cert-manager.ts'
import { reportRows } from './rows.ts'

const { values } = parseArgs({
  options: {
    certificates: { type: 'string', default: '500' },
    dns: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '1' },
    rest: { type: 'string', default: '60' },
    json: { type: 'boolean', default: false },
  },
})

const available = await availableCluster()
const files = available.kind === 'built' ? await certManagerFiles(say) : undefined
if (files !== undefined) await bench(files)
else {
  const why =
    available.kind === 'none' ? `${available.reason}. To mend it: ${available.fix}` : 'install Go'
  say(`Cannot measure: only the built Kubernetes and cert-manager have the figures. ${why}`)
  process.exitCode = 1
}

async function bench(peer: CertManagerFiles): Promise<void> {
  await using cluster = await bringUp({
    programs: await builtPrograms(cacheFolder('kubernetes'), say),
    nodes: 0,
    root: clustersFolder(),
    auditsReads: true,
  })
  await warm()
  const instant: Pair[] = []
  const dns: Pair[] = []
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    const place = { cluster, peer, round }
    if (Number(values.dns) > 0) dns.push(await measured(place, 'dns-01', Number(values.dns)))
    if (Number(values.certificates) > 0)
      instant.push(await measured(place, 'instant', Number(values.certificates)))
  }
  const rows = [
    ...(instant.length > 0 ? instantRows(instant) : []),
    ...(dns.length > 0 ? dnsRows(dns) : []),
  ]
  reportRows(rows, say)
}

interface Place {
  readonly cluster: Cluster
  readonly peer: CertManagerFiles
  readonly round: number
}

async function measured(
  { cluster, peer, round }: Place,
  validation: Task['validation'],
  count: number,
): Promise<Pair> {
  const names = Array.from({ length: count }, (_, index) => `n${index}.lab.test`)
  await using ca = await caFor({ names, validation, say })
  const task = { cluster, ca, validation, restSeconds: Number(values.rest) }
  const what = `${validation} ${round}: ${count}`
  const theirs = await measureTheirs({ ...task, namespace: `theirs-${validation}-${round}` }, peer)
  say(lineOf(`${what} certificates by cert-manager`, theirs))
  const ours = await measureOurs({ ...task, namespace: `ours-${validation}-${round}` })
  say(lineOf(`${what} Strongrooms made`, ours.made))
  say(lineOf(`${what} Strongrooms switched, certificates by ours`, ours))
  return { ours, theirs }
}

/** With --json, what people read goes to standard error. */
function say(line: string): void {
  const stream = values.json ? process.stderr : process.stdout
  stream.write(`${line}\n`)
}

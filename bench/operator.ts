/**
 * `npm run bench:operator`: what the operator takes on a real Kubernetes built for it, beside cert-manager on the same cluster.
 *
 *   --rounds 3  --idle 60 (seconds)  --json
 *
 * The last line is `{"rows":[{"what","peer","ratio","floor","goal"}]}`, bigger is better. Ends with 1 where a ratio is under its floor.
 */
import { parseArgs } from 'node:util'
import { availableCluster } from '#test/cluster/available.ts'
import { bringUpPlace } from '#test/cluster/suite.ts'
import { linesOf, rowsOf } from './operator/figures.ts'
import { measureOurs } from './operator/ours.ts'
import { measureTheirs } from './operator/theirs.ts'
import { certManagerFiles } from './peers/cert-manager.ts'
import { reportRows } from './rows.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    idle: { type: 'string', default: '60' },
    json: { type: 'boolean', default: false },
  },
})
const how = { rounds: Number(values.rounds), idleSeconds: Number(values.idle) }

const available = await availableCluster()
if (available.kind === 'built') await bench()
else {
  const why = available.kind === 'none' ? `${available.reason}. To mend it: ${available.fix}` : ''
  say(`Cannot measure: only the built Kubernetes has the figures. ${why}`)
  process.exitCode = 1
}

async function bench(): Promise<void> {
  const files = await certManagerFiles(say)
  if (files === undefined) say('MISSING, not measured: cert-manager, which is built with Go')
  await using place = await bringUpPlace({ nodes: 1, tell: say })
  const ours = await measureOurs(place, how)
  for (const line of linesOf(ours)) say(line)
  const theirs = files === undefined ? undefined : await measureTheirs(place, files, how)
  if (theirs !== undefined)
    say(
      `cert-manager: Secret written after ${theirs.secretWritten.map((one) => one.toFixed(2)).join(', ')} s; ${theirs.idleMb} MB idle, ${theirs.laterMb} MB later; ${theirs.idleWrites} changes in an idle minute`,
    )
  const rows = rowsOf(ours, theirs)
  reportRows(rows, say)
}

/** With --json, what people read goes to standard error. */
function say(line: string): void {
  const stream = values.json ? process.stderr : process.stdout
  stream.write(`${line}\n`)
}

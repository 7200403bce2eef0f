/**
 * Loaded into a server by `--import`: says on standard error when its event loop was kept busy. Time in which the machine ran others does not
 * count: of the time that passed and the processor time that was used, the smaller one is what the loop was kept busy with.
 */

const everyMs = 10
const worthSayingMs = 20

let before = { at: performance.now(), cpu: process.cpuUsage() }
setInterval(() => {
  const at = performance.now()
  const { user, system } = process.cpuUsage(before.cpu)
  const busyMs = Math.min(at - before.at - everyMs, (user + system) / 1_000)
  if (busyMs > worthSayingMs) {
    const line = { stream: 'loop', busyMs: Math.round(busyMs), from: Date.now() - (at - before.at) }
    process.stderr.write(`${JSON.stringify(line)}\n`)
  }
  before = { at: performance.now(), cpu: process.cpuUsage() }
}, everyMs).unref()

/**
 * What the operator's process takes, under the names that every Prometheus client library gives it. Node's own collection is not
 * used: it takes 13 MB to say more.
 */
import Gauge from 'prom-client/lib/gauge.js'
import type Registry from 'prom-client/lib/registry.js'

/** Adds them to the registry; they are read when somebody asks. */
export function addProcessMetrics(registry: Registry): void {
  for (const [name, { help, read }] of Object.entries(processMetrics))
    new Gauge({
      name,
      help,
      registers: [registry],
      collect(this: Gauge) {
        this.set(read())
      },
    })
}

const processMetrics = {
  process_cpu_seconds_total: {
    help: 'CPU time spent, user and system, in seconds',
    read: () => {
      const { user, system } = process.cpuUsage()
      return (user + system) / 1e6
    },
  },
  process_resident_memory_bytes: {
    help: 'Resident memory',
    read: () => process.memoryUsage.rss(),
  },
  nodejs_heap_size_used_bytes: {
    help: 'Memory in use by objects',
    read: () => process.memoryUsage().heapUsed,
  },
  process_uptime_seconds: { help: 'Since the process started', read: () => process.uptime() },
}

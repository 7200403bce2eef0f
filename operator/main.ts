/** The operator process: configuration, app, signals. */
import { setFlagsFromString } from 'node:v8'
import { pino } from 'pino'
import { systemClock } from '#shared/clock.ts'
import { randomFraction } from '#shared/random.ts'
import { systemTimers } from '#shared/timers.ts'
import { createOperator } from './app.ts'
import { processConfig } from './config.ts'

export async function main(argv: readonly string[]): Promise<number> {
  // Otherwise the heap grows to four times of what is kept before it is collected: this is no process whose speed anybody waits for.
  setFlagsFromString('--optimize-for-size')
  const config = processConfig(argv)
  const logger = pino(
    { level: config.logLevel, base: { stream: 'operator' } },
    pino.destination({ fd: 2, sync: true }),
  )
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort())
  const operator = createOperator(config, {
    clock: systemClock,
    timers: systemTimers,
    random: randomFraction,
    logger,
  })
  const ended = await operator.run(stop.signal)
  // Whoever lost the lease must not write any more: the process ends, and kubelet starts another.
  if (ended === 'lost') logger.error({}, 'Leadership was lost')
  return ended === 'lost' ? 1 : 0
}

if (import.meta.main) process.exit(await main(process.argv.slice(2)))

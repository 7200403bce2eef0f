/**
 * The log: JSON lines on standard error, each with `"stream":"log"` so that audit lines (`"stream":"audit"`) can be told apart.
 * Neither keys, passwords, bodies nor contents of documents are ever logged.
 */
import { type Logger, pino } from 'pino'
import type { Config } from './config.ts'

export type { Logger } from 'pino'

const levels = {
  Trace: 'trace',
  Debug: 'debug',
  Info: 'info',
  Warn: 'warn',
  Error: 'error',
  Fatal: 'fatal',
  Off: 'silent',
} as const

/** The process's log. Lines are written at once: what was said last before a crash is not lost. */
export function processLog(config: Pick<Config, 'Logs.MinLevel'>): Logger {
  return logTo(pino.destination({ dest: 2, sync: true }), levels[config['Logs.MinLevel']])
}

/** A log that writes to anything with `write`. */
export function logTo(destination: { write(line: string): void }, level: string): Logger {
  return pino(
    {
      level,
      base: { stream: 'log' },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: pino.stdSerializers.err },
      messageKey: 'message',
      errorKey: 'error',
    },
    destination,
  )
}

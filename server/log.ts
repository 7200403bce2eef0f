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

/** Writes audit lines, at once and whatever the level of the log. */
export function processAudit(): (event: AuditLine) => void {
  return auditTo(pino.destination({ dest: 2, sync: true }))
}

interface AuditLine {
  readonly act: string
  readonly actor?: object
  readonly address?: string
  readonly facts: object
}

/** Audit lines on anything with `write`. */
export function auditTo(destination: { write(line: string): void }): (event: AuditLine) => void {
  const lines = pino({ ...format, base: { stream: 'audit' } }, destination)
  return ({ act, actor, address, facts }) => lines.info({ actor, address, ...facts }, act)
}

/** A log that writes to anything with `write`. */
export function logTo(destination: { write(line: string): void }, level: string): Logger {
  return pino({ ...format, level, base: { stream: 'log' } }, destination)
}

const format = {
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (label: string) => ({ level: label }) },
  messageKey: 'message',
  errorKey: 'error',
}

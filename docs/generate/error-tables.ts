/** The tables of coded errors, with the remarks that stand above their rows in the source. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { cliErrors } from '#cli/errors.ts'
import { challengeErrors } from '#operator/challenges/errors.ts'
import { accessErrors } from '#server/access/errors.ts'
import { orderErrors } from '#server/acme/errors.ts'
import { databaseErrors } from '#server/database/errors.ts'
import { errors } from '#server/errors.ts'
import { keyErrors } from '#server/keys/errors.ts'
import { queryErrors } from '#server/query/errors.ts'
import { systemErrors } from '#server/system/errors.ts'
import { tlsErrors } from '#server/tls/errors.ts'
import { dnsErrors } from '#shared/acme/dns/errors.ts'
import type { ErrorRow } from '#shared/errors.ts'
import { pkiErrors } from '#shared/pki/errors.ts'

export interface ErrorTable {
  /** From the root. */
  readonly file: string
  readonly rows: readonly DescribedRow[]
}

export interface DescribedRow {
  readonly code: string
  readonly row: ErrorRow
  /** What the source says above it; empty where it says nothing. */
  readonly remark: string
}

type Table = Readonly<Record<string, { readonly row: ErrorRow }>>

const root = path.resolve(import.meta.dirname, '../..')
const tables: Readonly<Record<string, Table>> = {
  'server/errors.ts': errors,
  'server/acme/errors.ts': orderErrors,
  'server/database/errors.ts': databaseErrors,
  'server/access/errors.ts': accessErrors,
  'server/keys/errors.ts': keyErrors,
  'server/query/errors.ts': queryErrors,
  'server/system/errors.ts': systemErrors,
  'server/tls/errors.ts': tlsErrors,
  'shared/acme/dns/errors.ts': dnsErrors,
  'shared/pki/errors.ts': pkiErrors,
  'operator/challenges/errors.ts': challengeErrors,
  'cli/errors.ts': cliErrors,
}

export function errorTables(): ErrorTable[] {
  return Object.entries(tables).map(([file, table]) => ({ file, rows: rowsOf(file, table) }))
}

function rowsOf(file: string, table: Table): DescribedRow[] {
  const source = readFileSync(path.join(root, file), 'utf8')
  return Object.entries(table).map(([code, { row }]) => ({
    code,
    row,
    remark: remarkOn(code, source),
  }))
}

function remarkOn(code: string, source: string): string {
  const above = new RegExp(`/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\n {2}${code}: \\{`).exec(source)
  return (above?.[1] ?? '').replace(/\s*\n\s*\*\s?/g, ' ').trim()
}

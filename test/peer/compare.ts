/**
 * Puts the scenarios to any server that speaks RavenDB's protocol, and prints what differs from a record.
 *
 *   node test/peer/compare.ts --url https://127.0.0.1:8443 --pki strongroom-data/certificates --admin strongroom-data/certificates/admin
 *
 * Exit code: 0 all same or declared, 1 undeclared differences. What the options mean is in README.md beside this file.
 */
import fs from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { compareServer, recordServer, type Target } from './comparison.ts'
import { ourRecords } from './golden.ts'
import type { ExpectedDifference } from './judge.ts'

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    pki: { type: 'string' },
    admin: { type: 'string' },
    golden: { type: 'string', default: ourRecords.golden },
    expected: {
      type: 'string',
      default: path.join(import.meta.dirname, 'expected-differences.json'),
    },
    only: { type: 'string' },
    skip: { type: 'string' },
    danger: { type: 'boolean', default: false },
    settle: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
})

function target(): Target {
  const { url, pki, admin, only, skip, ...rest } = values
  if (!url || !pki) throw new Error('Name the server: --url https://… --pki FOLDER with its ca.crt')
  return {
    ...rest,
    ...(values.expected === 'none' ? {} : { goldenOf: ourRecords.goldenOf }),
    url: new URL(url),
    pki,
    ...(admin ? { admin } : {}),
    ...(only ? { only: only.split(',') } : {}),
    ...(skip ? { skip: skip.split(',') } : {}),
  }
}

/** `--expected none`: nothing may differ, as when RavenDB itself is compared with its own record. */
function expected(): ExpectedDifference[] {
  return values.expected === 'none' ? [] : JSON.parse(fs.readFileSync(values.expected, 'utf8'))
}

async function compare(): Promise<boolean> {
  const report = await compareServer(target(), expected(), console.log)
  for (const line of report.lines()) console.log(line)
  for (const step of report.unknown) console.log(`not recorded: ${step}`)
  for (const { step, what, reason } of report.stale()) {
    console.log(`no longer differs: ${step} ${what?.join(', ') ?? ''} (${reason})`)
  }
  console.log(`not built: ${report.notBuiltRoutes().join(', ') || 'none'}`)
  console.log(report.summary())
  return report.undeclared.length === 0
}

if (values.record) await recordServer(target(), console.log)
else process.exitCode = (await compare()) ? 0 : 1

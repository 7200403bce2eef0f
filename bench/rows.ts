/** How a bench ends: its rows for people, those under their floor, and the line for programs. */
import { failures, type Row } from './ratios.ts'

/** Ends the process with 1, once it ends, where a row is under its floor. `say`: a line for people. */
export function reportRows(rows: readonly Row[], say: (line: string) => void): void {
  for (const row of rows) say(rowLine(row))
  const under = failures(rows)
  for (const { what, peer, ratio, floor } of under)
    say(`under its floor: ${what} against ${peer}: ${ratio} < ${floor}`)
  if (under.length > 0) process.exitCode = 1
  console.log(JSON.stringify({ rows }))
}

/** In columns. */
export function rowLine({ what, peer, ratio, floor, goal }: Row): string {
  const bounds = [
    ...(floor === null ? [] : [`floor ${floor}`]),
    ...(goal === null ? [] : [`goal ${goal}`]),
  ]
  const columns = [what.padEnd(42), `÷ ${peer}`.padEnd(26), String(ratio).padStart(6), ...bounds]
  return columns.join('  ')
}

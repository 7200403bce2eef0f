/** Prints as JSON what the ACME lab lacks on this machine, or null: for scripts that run on any Node. */
import { missingForKnot } from './knot.ts'
import { missingForPebble } from './pebble.ts'

const missing = (await missingForPebble()) ?? (await missingForKnot())
process.stdout.write(JSON.stringify(missing ?? null))

/**
 * The command `strongroom`: `server`, `operator`, `health`, and what asks a cluster: `status`, `certificate`. Each loads only
 * what it needs: the server never loads the operator's dependencies, nor the reverse.
 */
import { verbs } from './verbs.ts'

const [name = '', ...rest] = process.argv.slice(2)
const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined
const known = Object.entries(verbs).map(([key, { what }]) => `  ${key.padEnd(11)} ${what}`)
if (['help', '--help', '-h'].includes(name)) {
  process.stdout.write(`Usage: strongroom VERB …\n${known.join('\n')}\n`)
  process.exit(0)
}
if (verb === undefined) {
  process.stderr.write(
    `strongroom: ${name === '' ? 'which?' : `"${name}" is no verb.`}\n${known.join('\n')}\n`,
  )
  process.exit(2)
}
await verb.run(rest)

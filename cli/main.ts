/**
 * The command `strongroom`: `server`, `operator`, and `health`. Each loads only what it needs: the server never loads the
 * operator's dependencies, nor the reverse.
 */
import { verbs } from './verbs.ts'

const [name = '', ...rest] = process.argv.slice(2)
const verb = verbs[name]
if (verb === undefined) {
  const known = Object.entries(verbs).map(([key, { what }]) => `  ${key.padEnd(10)} ${what}`)
  process.stderr.write(
    `strongroom: ${name === '' ? 'which?' : `"${name}" is no verb.`}\n${known.join('\n')}\n`,
  )
  process.exit(2)
}
await verb.run(rest)

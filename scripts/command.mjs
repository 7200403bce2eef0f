/**
 * `cli/strongroom` on a Node that runs our TypeScript as it is: this one, or where it is older, the one that the checkout's packages
 * brought along. JavaScript, so that any Node reads it.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { findNode, majorMin, majorOf } from './node.mjs'

const main = new URL('../cli/main.ts', import.meta.url)

if (majorOf(process.version) >= majorMin) await import(main.href)
else runElsewhere()

function runElsewhere() {
  try {
    const run = spawnSync(findNode(), [fileURLToPath(main), ...process.argv.slice(2)], {
      stdio: 'inherit',
    })
    if (run.error !== undefined) throw run.error
    if (run.signal === null) process.exitCode = run.status ?? 1
    else process.kill(process.pid, run.signal)
  } catch (error) {
    process.stderr.write(`strongroom: ${error instanceof Error ? error.message : error}\n`)
    process.exitCode = 1
  }
}

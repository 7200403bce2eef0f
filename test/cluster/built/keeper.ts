/**
 * A process beside each one that has a cluster: it waits until its standard input ends, which it does however the other one
 * ended, and takes down what that left. A line on it says that nothing was left. From /dev/null it does so at once.
 *
 * `node keeper.ts <root of the clusters>`
 */
import { existsSync } from 'node:fs'
import { alone } from './claim.ts'
import { tearDownAbandoned } from './tear-down.ts'

const [root = ''] = process.argv.slice(2)
const parent = process.ppid
let isReleased = false
for await (const _ of process.stdin) isReleased = true
// Files of a process are closed a moment before it counts as gone.
for (let attempt = 0; attempt < 50 && !isReleased && process.ppid === parent; attempt += 1)
  await new Promise((resolve) => setTimeout(resolve, 20))
if (!isReleased && existsSync(root)) await alone(root, () => tearDownAbandoned(root))

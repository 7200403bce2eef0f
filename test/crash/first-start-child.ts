/** A server that kills itself at the step of its first start that the second argument names. Without one it stops by itself. */
import { startServer } from '#server/app.ts'
import { readConfig } from '#server/config.ts'
import { logTo } from '#server/log.ts'
import { systemClock } from '#shared/clock.ts'

const [folder = '', stopAt] = process.argv.slice(2)
const args = ['--ServerUrl=https://127.0.0.1:0', `--DataDir=${folder}`]
const { config } = readConfig({ args, env: {}, readText: () => undefined })

const server = await startServer(config, {
  clock: systemClock,
  logger: logTo({ write: () => undefined }, 'silent'),
  audit: () => undefined,
  fatal: () => process.exit(70),
  onStep: (step) => {
    process.stdout.write(`${step}\n`)
    if (step === stopAt) process.kill(process.pid, 'SIGKILL')
  },
})
await server[Symbol.asyncDispose]()
process.exit(0)

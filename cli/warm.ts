/** Loads both processes' modules once, so that Node's compile cache holds them: run while an image is built. */
import { flushCompileCache } from 'node:module'

await import('#server/main.ts')
await import('#operator/main.ts')
await import('./health.ts')
await import('./cluster/command.ts')
flushCompileCache()
process.exit(0)

/** The verbs of `strongroom`, by name. */
import { processEnvironment } from './environment.ts'

export interface Verb {
  /** One line for the list of verbs. */
  readonly what: string
  /** Runs to its end; a verb that serves ends the process itself. */
  readonly run: (args: readonly string[]) => Promise<void>
}

export const verbs: Readonly<Record<string, Verb>> = {
  server: {
    what: 'runs a database server (settings: --Key=Value)',
    run: async (args) => (await import('#server/main.ts')).main(args),
  },
  operator: {
    what: 'runs the Kubernetes operator (flags: --name=value)',
    run: async (args) => process.exit(await (await import('#operator/main.ts')).main(args)),
  },
  status: {
    what: 'shows Strongrooms of a cluster, their certificates and orders (--help)',
    run: (args) => askCluster('status', args),
  },
  certificate: {
    what: 'renews or revokes the certificate of a Strongroom (--help)',
    run: (args) => askCluster('certificate', args),
  },
  health: {
    what: 'asks the server of this machine whether it is ready (exit code 0 or 1)',
    run: async (args) =>
      process.exit((await (await import('./health.ts')).isHealthy(args)) ? 0 : 1),
  },
}

async function askCluster(verb: 'status' | 'certificate', args: readonly string[]): Promise<void> {
  const { processCommand } = await import('./cluster/command.ts')
  process.exitCode = await processCommand(verb, args, processEnvironment())
}

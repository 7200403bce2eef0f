/** Prints as JSON which kind of cluster this machine can have: for scripts that run on any Node. */
import { availableCluster } from './available.ts'

process.stdout.write(JSON.stringify(await availableCluster()))

/** The thread on which `pfx-work.ts` has a key derived that takes long. */
import { parentPort, workerData } from 'node:worker_threads'
import { type Derivation, derive } from './pfx-kdf.ts'

parentPort?.postMessage(derive(workerData as Derivation))

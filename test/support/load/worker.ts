/** The clients in a thread: tells the other side what they saw, and stops when it says so. */
import { parentPort, workerData } from 'node:worker_threads'
import { startClients } from './clients.ts'
import type { Told } from './load.ts'

const clients = startClients(workerData)
const tell = (): void => {
  const { answered, failures, seen } = clients
  const told: Told = { answered: answered(), failures: [...failures], seen: [...seen] }
  parentPort?.postMessage(told)
}
const timer = setInterval(tell, 100)
parentPort?.once('message', async () => {
  await clients.stop()
  clearInterval(timer)
  tell()
})

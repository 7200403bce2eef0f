/** Where orders of the server certificate lie, for whoever serves what comes of them: apart, so that nobody else loads how it is ordered. */
import { join } from 'node:path'

/** `dataDir`: `DataDir`. Only we can enter it. */
export function orderFolder(dataDir: string): string {
  return join(dataDir, 'acme')
}

/** PEM of the issued certificate, those above it, and its key; there is none before the first. */
export function issuedPath(folder: string): string {
  return join(folder, 'server.pem')
}

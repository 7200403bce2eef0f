/** Asks the server whose settings these are whether it is ready, over TLS that is verified by its own certificate on disk. */

import { existsSync, readFileSync } from 'node:fs'
import https from 'node:https'
import { join } from 'node:path'
import { processConfig } from '#server/config.ts'

const timeoutMs = 5_000

/** `args`: the settings that the server was started with; the environment counts as for it. */
export function isHealthy(args: readonly string[]): Promise<boolean> {
  const { config } = processConfig(args)
  const { port, hostname } = new URL(config.ServerUrl)
  const ca = trustOf(config)
  return new Promise((resolve) => {
    const request = https.get(
      {
        host: hostname === '0.0.0.0' ? '127.0.0.1' : hostname,
        servername: 'localhost',
        port,
        path: '/health/ready',
        timeout: timeoutMs,
        allowPartialTrustChain: true,
        ...(ca === undefined ? {} : { ca }),
      },
      (answer) => {
        answer.resume()
        resolve(answer.statusCode === 204)
      },
    )
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(false))
  })
}

/** The very certificate that is served under "localhost", or the private authority of a standalone server. */
function trustOf(config: ReturnType<typeof processConfig>['config']): Buffer | undefined {
  const configured = [
    config['Security.Certificate.Internal.Path'],
    config['Security.Certificate.Path'],
  ].filter((path) => path !== undefined)
  const candidates = [
    // Either may be a folder.
    ...configured.flatMap((path) => [join(path, 'tls.crt'), path]),
    join(config.DataDir, 'certificates', 'ca.crt'),
  ]
  const file = candidates.find((path) => /\.(crt|pem)$/.test(path) && existsSync(path))
  return file === undefined ? undefined : readFileSync(file)
}

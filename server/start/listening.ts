/** Opens the port, and closes it so that requests on their way are still answered. */
import { errors } from '#server/errors.ts'
import type { HttpServer } from '#server/http/server.ts'
import { closeGraceMs } from '#server/limits.ts'
import { type ListenAddress, urlOf } from '#server/tls/address.ts'

/** Throws `ListenFailed`. Answers the address with the port that was taken. */
export async function listen(app: HttpServer, address: ListenAddress): Promise<ListenAddress> {
  const { host, port } = address
  await app.ready()
  await new Promise<void>((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) =>
      reject(errors.ListenFailed(urlOf(address), error.code ?? error.message))
    app.server.once('error', failed)
    app.server.listen({ host, port }, () => {
      app.server.off('error', failed)
      resolve()
    })
  })
  const bound = app.server.address()
  return { ...address, port: typeof bound === 'object' && bound !== null ? bound.port : port }
}

/** Takes no more connections; answers what is under way for at most `graceMs`, then cuts what is left. */
export async function stopListening(app: HttpServer, graceMs = closeGraceMs): Promise<void> {
  const { server } = app
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  // A connection becomes idle when its answer is out: those are looked for again and again.
  const idle = setInterval(() => server.closeIdleConnections(), 50)
  const cut = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearInterval(idle)
  clearTimeout(cut)
  await app.close()
}

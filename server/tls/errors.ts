/** Errors of the server's own certificate: at start they stop it, later they keep the old certificate in service. */
import { defineErrors } from '#shared/errors.ts'

/** What stops a start and never reaches a client. */
const start = 'Strongroom.StartException'

export const tlsErrors = defineErrors({
  /** The configured server certificate cannot be read at all. */
  ServerCertificateUnreadable: {
    status: 500,
    type: start,
    message: (file: string, why: string) =>
      `Cannot read the server certificate "${file}": ${why}; expected a PFX with its key, or PEM with the key in it or in Security.Certificate.Key.Path`,
  },
  /** It can be read, and must not be served. */
  ServerCertificateUnusable: {
    status: 500,
    type: start,
    message: (file: string, why: string) =>
      `Cannot use the server certificate "${file}": ${why}; put another one there`,
  },
})

/** Errors of ordering the server certificate: they stop a start; what goes wrong later is logged and tried again. */
import { defineErrors } from '#shared/errors.ts'

/** What stops a start and never reaches a client. */
const start = 'Strongroom.StartException'

export const orderErrors = defineErrors({
  /** `Security.Certificate.LetsEncrypt.…` */
  OrderSettingInvalid: {
    status: 500,
    type: start,
    message: (setting: string, why: string) =>
      `Cannot order a server certificate: Security.Certificate.LetsEncrypt.${setting} ${why}`,
  },
  /** What this server wrote for itself does not read any more. */
  OrderFileDamaged: {
    status: 500,
    type: start,
    message: (file: string, why: string) =>
      `Cannot order a server certificate: "${file}" does not hold what this server wrote (${why}); restore it from a backup, or remove it`,
  },
})

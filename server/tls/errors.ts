/** Errors of the server's own certificate: at start they stop it, later they keep the old certificate in service. And of proving names to a CA. */
import { defineErrors } from '#shared/errors.ts'

/** What stops a start and never reaches a client. */
const start = 'Strongroom.StartException'
const badRequest = 'Raven.Client.Exceptions.BadRequestException'

export const tlsErrors = defineErrors({
  /** `ServerUrl` or `PublicServerUrl`. */
  ServerUrlInvalid: {
    status: 500,
    type: start,
    message: (url: string, why: string) =>
      `Cannot use the URL "${url}": ${why}; expected something like https://127.0.0.1:8443`,
  },
  /** Plain HTTP where the configuration does not allow it. */
  UnsecuredAccessRefused: {
    status: 500,
    type: start,
    message: (host: string, reach: string, allowed: string) =>
      `Cannot serve plain HTTP on "${host}": nobody would be asked who he is, the address is of kind ${reach}, and Security.UnsecuredAccessAllowed is ${allowed}; use https://, or allow it`,
  },
  /** A certificate is configured, and the URL says that it is not to be used. */
  CertificateWithoutHttps: {
    status: 500,
    type: start,
    message: (url: string, setting: string) =>
      `Cannot serve plain HTTP on "${url}": a server certificate is configured; use https://, or take ${setting} away`,
  },
  /** Administrators come from a folder, so nothing is made here, and no certificate is given. */
  CertificateNotConfigured: {
    status: 500,
    type: start,
    message: () =>
      'Cannot serve HTTPS: with Security.WellKnownCertificates.Admin.Path this server makes no certificate of its own, and none is configured; set Security.Certificate.Path or Security.Certificate.Internal.Path',
  },
  /** What the CA wants to see under a name is not something that can be shown. */
  ChallengeInvalid: {
    status: 400,
    type: badRequest,
    message: (why: string) =>
      `Cannot present the challenge: ${why}; expected {"Name": a DNS name or an address, "KeyAuthorization": "token.thumbprint"}`,
  },
  ChallengesTooMany: {
    status: 429,
    type: badRequest,
    message: (name: string, most: number) =>
      `Cannot present the challenge for "${name}": ${most} names are being proven already; withdraw some, or wait until they end`,
  },
  ChallengeNeedsHttps: {
    status: 400,
    type: badRequest,
    message: () => 'Cannot present a challenge: this server speaks plain HTTP, not TLS',
  },
  /** The configured server certificate cannot be read at all. */
  ServerCertificateUnreadable: {
    status: 500,
    type: start,
    message: (file: string, why: string) =>
      `Cannot read the server certificate "${file}": ${why}; expected a PFX with its key, PEM with the key in it or in Security.Certificate.Key.Path, or a folder with tls.crt and tls.key`,
  },
  /** `Security.Certificate.Load.Exec` did not give one. */
  CertificateProgramFailed: {
    status: 500,
    type: start,
    message: (file: string, reason: string) =>
      `Cannot get the server certificate: the program "${file}" ${reason}. It must write a PFX with its key, or PEM, to standard output and end with code 0 (Security.Certificate.Load.Exec)`,
  },
  /** Two settings that each say where the server certificate comes from. */
  CertificateTwice: {
    status: 500,
    type: start,
    message: (settings: readonly string[]) =>
      `Cannot choose the server certificate: ${settings.join(' and ')} each give one; keep one of them`,
  },
  /** It begins later. It is looked at again then. */
  ServerCertificateTooEarly: {
    status: 500,
    type: start,
    message: (file: string, thumbprint: string, from: string) =>
      `Cannot use the server certificate "${file}": it (${thumbprint}) is not valid before ${from}; it is taken then, unless this machine's clock is wrong`,
    details: (_file: string, _thumbprint: string, from: string) => ({ From: from }),
  },
  /** It can be read, and must not be served. */
  ServerCertificateUnusable: {
    status: 500,
    type: start,
    message: (file: string, why: string) =>
      `Cannot use the server certificate "${file}": ${why}; put another one there`,
  },
})

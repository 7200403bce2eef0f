/** Where a server certificate comes from, and how it is seen that another one is there. */
import { CodedError } from '#shared/errors.ts'
import {
  type CertificateDemands,
  type CertificateFiles,
  certificateMark,
  loadServerCertificate,
  type ServerCertificate,
} from './server-certificate.ts'

export interface CertificateSource {
  /** Changes whenever what would be loaded does. Empty while there is none. */
  mark(): Promise<string>
  /** Throws `ServerCertificateUnreadable`, `ServerCertificateUnusable`, `CertificateProgramFailed`. */
  load(demands: CertificateDemands): Promise<ServerCertificate>
}

export function filesSource(files: CertificateFiles): CertificateSource {
  return {
    mark: () => certificateMark(files),
    load: (demands) => loadServerCertificate(files, demands),
  }
}

/**
 * The first one, and the other while the first has not come. At start also where the first cannot be served, which `refused` is told;
 * later that is for whoever follows it, who keeps what he has. The other need not cover any name.
 */
export function withFallback(
  first: CertificateSource,
  fallback: CertificateSource,
  refused: (error: unknown) => void,
): CertificateSource {
  let isStarting = true
  return {
    mark: async () => (await first.mark()) || (await fallback.mark()),
    load: async (demands) => {
      const wasStarting = isStarting
      isStarting = false
      const loadFallback = () => fallback.load({ ...demands, hosts: [] })
      if ((await first.mark()) === '') return loadFallback()
      return first.load(demands).catch((error: unknown) => {
        if (!wasStarting || !(error instanceof CodedError)) throw error
        refused(error)
        return loadFallback()
      })
    },
  }
}

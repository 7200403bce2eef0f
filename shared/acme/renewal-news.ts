/** Asks the CA when a certificate should be renewed. */
import type { Certificate } from '#shared/pki/certificate.ts'
import type { AcmeCertificates } from './acme-api.ts'
import { certificateId } from './certificate-id.ts'
import { HttpsFailure } from './https.ts'
import { AcmeProblem } from './problem.ts'
import type { RenewalNews } from './renewal-plan.ts'

/** Throws only where the signal ended it or the fault is ours. */
export async function renewalNews(
  api: Pick<AcmeCertificates, 'renewalInfo'>,
  certificate: Pick<Certificate, 'der'>,
  signal?: AbortSignal,
): Promise<RenewalNews> {
  const id = certificateId(certificate)
  if (id === undefined) return { kind: 'none' }
  try {
    const info = await api.renewalInfo(id, signal)
    return info === undefined ? { kind: 'none' } : { kind: 'said', info }
  } catch (error) {
    if (error instanceof AcmeProblem)
      return { kind: 'failed', detail: error.message, retryAfterMs: error.retryAfterMs }
    if (error instanceof HttpsFailure) return { kind: 'failed', detail: error.message }
    throw error
  }
}

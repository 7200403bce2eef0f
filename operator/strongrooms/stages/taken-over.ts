/** A certificate that somebody else put into a Secret, taken over into the one that pods mount: only after every check. */
import { names } from '#operator/api/names.ts'
import type { Secret } from '#operator/kube/secret.ts'
import { type TlsMaterial, tlsMaterial } from '#operator/kube/tls-secret.ts'
import type { Observed } from '../observe.ts'
import type { Step } from '../stage.ts'
import { userCertificateFinding } from './user-certificate.ts'

/** What is to be done for one certificate, why it is not as declared, and when to look again (milliseconds since 1970). */
export interface Leaf {
  readonly steps: readonly Step[]
  readonly trouble?: { readonly reason: string; readonly message: string }
  readonly againAtMs?: number
}

const keys = ['tls.crt', 'tls.key', 'ca.crt']

export interface Given {
  readonly secret: Secret | undefined
  /** Of the Secret, for people. */
  readonly name: string
  /** What is in it, where somebody read it already. */
  readonly found?: TlsMaterial
}

/** Where it fails a check, nothing is done and the certificate of before stays served. */
export function takenOver(
  { cluster, secrets, nowMs }: Observed,
  { secret, name, found = tlsMaterial(secret, name) }: Given,
): Leaf {
  const trouble = userCertificateFinding({ found, name, cluster, nowMs })
  if (trouble !== undefined) return { steps: [], trouble }
  const present = secrets.get(names.serverTls(cluster.metadata.name))
  const data = secret?.data ?? {}
  const same = keys.every((key) => present?.data?.[key] === data[key])
  const again = found.kind === 'usable' ? { againAtMs: found.certificate.notAfter } : {}
  return { steps: same ? [] : [{ kind: 'take-over', from: name, data: pick(data) }], ...again }
}

function pick(data: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(data).filter(([key]) => keys.includes(key)))
}

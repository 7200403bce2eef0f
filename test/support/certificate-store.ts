/** Certificates on a server store in memory, with the registry that follows them. */
import { Registry } from '#server/access/registry.ts'
import { nobodyWellKnown } from '#server/access/well-known.ts'
import type { AuditEvent } from '#server/audit/event.ts'
import type { Actor } from '#server/system/certificate-rules.ts'
import { Certificates, type CertificatesParts } from '#server/system/certificates.ts'
import { systemStore } from '#server/system/system.ts'
import { applySystemWriteSet } from '#server/system/write-set.ts'
import { year2026 } from './certificates.ts'
import { mapEngine } from './map-engine.ts'

export const admin: Actor = { clearance: () => 'ClusterAdmin' }
export const anOperator: Actor = { clearance: () => 'Operator' }

export function memoryStore() {
  return systemStore('AAAAAAAAAAAAAAAAAAAAAA', mapEngine(applySystemWriteSet))
}

/** `clock.time` may be turned; `serverThumbprints` are let in as the server's own. */
export function certificateStore(wanted: Partial<CertificatesParts> = {}) {
  const store = memoryStore()
  const clock = { time: year2026, now: () => clock.time }
  const events: AuditEvent[] = []
  const serverThumbprints = new Set<string>()
  const certificates = new Certificates({
    store,
    clock,
    audit: (event) => events.push(event),
    serverThumbprints: () => serverThumbprints,
    knownIssuers: () => [],
    hasConfiguredAdmin: () => true,
    disconnect: () => 0,
    ...wanted,
  })
  const registry = new Registry({
    wellKnown: () => nobodyWellKnown,
    serverThumbprints: () => serverThumbprints,
  })
  certificates.follow((change) => registry.apply(change))
  return { store, clock, events, certificates, registry, serverThumbprints }
}

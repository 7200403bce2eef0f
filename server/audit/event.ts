/** What the audit log is told: one line for each refusal and each act that concerns security. */

/** Who did it, as far as known. */
export interface AuditActor {
  /** Name of the registration; empty for a stranger. */
  readonly name: string
  readonly subject: string
  readonly thumbprint: string
}

export interface AuditEvent {
  /** What was done, e.g. `access refused`, `certificate registered`. */
  readonly act: string
  readonly actor?: AuditActor
  /** IP address of the caller. */
  readonly address?: string
  /** Further facts by name. Never a key, a password or a document's content. */
  readonly facts: Readonly<Record<string, string | number | boolean>>
}

export type Audit = (event: AuditEvent) => void

/** What a stage of the plan looks at and says: steps to take, findings, and whether the next stage may be looked at. */
import type { StrongroomStatus } from '#operator/api/strongroom.ts'
import type { Child } from '#operator/kube/apply.ts'
import type { Finding } from '#operator/kube/conditions.ts'
import type { Foreign } from '#operator/kube/foreign.ts'
import type { Observed } from './observe.ts'

/** Certificates that the operator makes for a cluster. */
export type Purpose = 'client-authority' | 'server-authority' | 'operator' | 'internal' | 'public'

export type Step =
  /** Makes the master key Secret; fails where it exists. */
  | { readonly kind: 'make-master-key' }
  /** Makes or renews a certificate and its Secret. */
  | { readonly kind: 'issue'; readonly purpose: Purpose; readonly why: string }
  /** Takes a certificate over from another Secret into the one that pods mount. */
  | {
      readonly kind: 'take-over'
      readonly from: string
      readonly data: Readonly<Record<string, string>>
    }
  /** Writes a Secret of certificates that are trusted. */
  | {
      readonly kind: 'keep'
      readonly name: string
      readonly data: Readonly<Record<string, string>>
      /** Annotations. */
      readonly notes: Readonly<Record<string, string>>
    }
  /** Writes a ConfigMap of public certificates. */
  | {
      readonly kind: 'publish'
      readonly name: string
      readonly data: Readonly<Record<string, string>>
      /** UID of the ConfigMap that was written before: ours, whatever became of its marks. */
      readonly knownUid: string | undefined
    }
  /** Takes over what an earlier resource of the same name left. */
  | { readonly kind: 'claim'; readonly child: Child }
  /** Takes away what others added to what is not written anew. */
  | { readonly kind: 'strip'; readonly child: Child; readonly foreign: Foreign }
  | { readonly kind: 'apply'; readonly desired: readonly Child[]; readonly found: readonly Child[] }
  /** Tells kubelet to look at the mounted Secrets of a pod at once. */
  | { readonly kind: 'nudge'; readonly pod: string; readonly mounted: string }
  | { readonly kind: 'grow-volume'; readonly name: string; readonly size: string }
  | { readonly kind: 'delete-volume'; readonly name: string }
  | { readonly kind: 'delete-children'; readonly found: readonly Child[] }
  | { readonly kind: 'add-finalizer' }
  | { readonly kind: 'remove-finalizer' }

/** What one stage makes of it. */
export interface StageResult {
  readonly steps: readonly Step[]
  readonly findings: readonly Finding[]
  /** Fields of status that the stage knows. */
  readonly status?: Partial<StrongroomStatus>
  /** What is waited for or stuck; nothing: the next stage is looked at. */
  readonly halt?: Halt
  /** When to look again without an event, as milliseconds since 1970. */
  readonly againAtMs?: number
}

export interface Halt {
  readonly kind: 'working' | 'stalled'
  readonly reason: string
  readonly message: string
  /** An event comes when it passes: nobody has to look until then. */
  readonly isTold?: boolean
  /** Members do not run: what does not need them goes on. */
  readonly isOfMembers?: boolean
}

export type Stage = (observed: Observed) => StageResult

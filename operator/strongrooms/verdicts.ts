/**
 * What was found of a Secret once: it holds for as long as the Secret is the same object, since a cache keeps each until another version of it
 * comes, and nobody changes one. Kept are findings, a few bytes, and not what they were found in: without them every look at every cluster would read
 * its certificates and verify their signatures again.
 */
import type { Secret } from '#operator/kube/secret.ts'

/** By what a leaf was found good. */
export interface Standard {
  readonly authority: Secret
  readonly names: readonly string[]
}

interface Verdict extends Standard {
  readonly renewAtMs: number
}

export class Verdicts {
  readonly #authorities = new WeakMap<Secret, string>()
  readonly #leaves = new WeakMap<Secret, Verdict>()

  /** PEM of the certificate, where it is an authority that can sign. */
  authority(secret: Secret | undefined): string | undefined {
    return secret && this.#authorities.get(secret)
  }

  noteAuthority(secret: Secret, pem: string): void {
    this.#authorities.set(secret, pem)
  }

  /** When it is to be renewed, milliseconds since 1970, where it is good by that standard. */
  leaf(secret: Secret | undefined, { authority, names }: Standard): number | undefined {
    const found = secret && this.#leaves.get(secret)
    const isSame = found?.authority === authority && found.names.join('\n') === names.join('\n')
    return isSame ? found.renewAtMs : undefined
  }

  noteLeaf(secret: Secret, verdict: Verdict): void {
    this.#leaves.set(secret, verdict)
  }
}

/**
 * What the passwords of one PFX may cost. Rounds come from the file, in every bag and in its MAC: all of them are paid from one budget, before
 * they are computed, and none of the costly ones is computed on the thread that answers requests.
 */
import { pbkdf2 } from 'node:crypto'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { pkiErrors } from './errors.ts'
import { pfxRoundsInlineMax, pfxWorkMax } from './limits.ts'
import { type Derivation, type Digest, derive, digestBytes } from './pfx-kdf.ts'

/** PBKDF2 (RFC 8018 section 5.2). */
export interface PasswordDerivation {
  readonly digest: Digest
  readonly password: Buffer
  readonly salt: Uint8Array
  readonly rounds: number
  readonly bytes: number
}

const deriveByPbkdf2 = promisify(pbkdf2)

export class PfxWork {
  #left = pfxWorkMax

  /** Throws `PfxUnreadable` where it would cost more than is left. */
  async pbkdf2({ digest, password, salt, rounds, bytes }: PasswordDerivation): Promise<Buffer> {
    this.#pay(rounds, digest, bytes)
    return deriveByPbkdf2(password, salt, rounds, bytes, digest)
  }

  /** PKCS#12's own derivation. Throws `PfxUnreadable` where it would cost more than is left. */
  async pkcs12(derivation: Derivation): Promise<Buffer> {
    this.#pay(derivation.rounds, derivation.digest, derivation.bytes)
    return derivation.rounds <= pfxRoundsInlineMax
      ? derive(derivation)
      : deriveElsewhere(derivation)
  }

  /** Every block of the digest's length costs all rounds anew. */
  #pay(rounds: number, digest: Digest, bytes: number): void {
    const cost = rounds * Math.ceil(bytes / digestBytes[digest])
    if (rounds < 1 || bytes < 1)
      throw pkiErrors.PfxUnreadable('it demands no round of key derivation')
    if (cost > this.#left) {
      throw pkiErrors.PfxUnreadable(
        `it demands more than ${pfxWorkMax} rounds of key derivation in all; write it anew with fewer`,
      )
    }
    this.#left -= cost
  }
}

/** On a thread of its own, which ends with it. */
async function deriveElsewhere(derivation: Derivation): Promise<Buffer> {
  const worker = new Worker(new URL('./pfx-kdf-worker.ts', import.meta.url), {
    workerData: derivation,
  })
  try {
    const [derived] = (await once(worker, 'message')) as [Uint8Array]
    return Buffer.from(derived)
  } finally {
    await worker.terminate()
  }
}

/**
 * Follows the files of the server certificate. A changed one is checked as at start and then served; one that does not pass is
 * reported once, and the old one stays.
 *
 * It looks instead of listening for events: those miss mounted Secrets, network file systems and links that are swapped.
 */
import { certificateCheckMs } from '#server/limits.ts'
import { type CertificateFiles, fingerprint, type ServerCertificate } from './server-certificate.ts'

export interface CertificateWatchParts {
  readonly files: CertificateFiles
  readonly load: () => Promise<ServerCertificate>
  readonly serve: (certificate: ServerCertificate) => void
  readonly refused: (error: unknown) => void
  readonly everyMs?: number
}

export class CertificateWatch {
  readonly #parts: CertificateWatchParts
  readonly #timer: NodeJS.Timeout
  #seen: string
  #looking: Promise<void> = Promise.resolve()

  /** `seen`: fingerprint of the files taken before what is served now was read from them. */
  constructor(parts: CertificateWatchParts, seen: string) {
    this.#parts = parts
    this.#seen = seen
    this.#timer = setInterval(() => this.look(), parts.everyMs ?? certificateCheckMs)
    this.#timer.unref()
  }

  /** Looks now, after the look that may be under way. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look())
    return this.#looking
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }

  async #look(): Promise<void> {
    const { files, load, serve, refused } = this.#parts
    const now = await fingerprint(files)
    // Missing files are on their way: a Secret that is being swapped, an editor that saves.
    if (now === this.#seen || now === '') return
    this.#seen = now
    try {
      serve(await load())
    } catch (error) {
      refused(error)
    }
  }
}

/**
 * Memory for request bodies: of all together, and of each caller, known by his address and by his certificate. Bytes count as they arrive
 * (who only says that much will come takes no room from others) until the request is answered.
 */
import { errors } from '#server/errors.ts'
import { bodiesBytesMax, bodiesBytesPerCallerMax } from '#server/limits.ts'

export interface BodyBounds {
  readonly bytesMax: number
  readonly bytesPerCallerMax: number
}

const usualBounds: BodyBounds = {
  bytesMax: bodiesBytesMax,
  bytesPerCallerMax: bodiesBytesPerCallerMax,
}

export class BodyBudget {
  readonly #bounds: BodyBounds
  readonly #byCaller = new Map<string, number>()
  #bytes = 0

  constructor(bounds = usualBounds) {
    this.#bounds = bounds
  }

  /** Bytes that are held now. */
  get bytes(): number {
    return this.#bytes
  }

  /** What one request takes of it. `callers`: all that the caller is known by. */
  share(callers: readonly string[]): BodyShare {
    let taken = 0
    return {
      /** Throws `CallerBusy`, `ServerBusy`. */
      add: (bytes) => {
        this.#demandRoom(callers, bytes)
        this.#change(callers, bytes)
        taken += bytes
      },
      release: () => {
        this.#change(callers, -taken)
        taken = 0
      },
    }
  }

  #demandRoom(callers: readonly string[], bytes: number): void {
    const { bytesMax, bytesPerCallerMax } = this.#bounds
    const most = Math.max(0, ...callers.map((caller) => this.#byCaller.get(caller) ?? 0))
    if (most + bytes > bytesPerCallerMax) throw errors.CallerBusy(bytesPerCallerMax)
    if (this.#bytes + bytes > bytesMax) throw errors.ServerBusy(bytesMax)
  }

  #change(callers: readonly string[], bytes: number): void {
    this.#bytes += bytes
    for (const caller of callers) {
      const held = (this.#byCaller.get(caller) ?? 0) + bytes
      if (held === 0) this.#byCaller.delete(caller)
      else this.#byCaller.set(caller, held)
    }
  }
}

/** The part of one request. */
export interface BodyShare {
  /** Throws where there is no room for so many bytes more. */
  add(bytes: number): void
  /** All of it is free again; may be called more than once. */
  release(): void
}

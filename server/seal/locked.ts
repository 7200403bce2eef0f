/**
 * Locked memory for keys: never swapped, not in core dumps, zeroed on release.
 *
 * Keys are small and many (one for each tree), and each guarded allocation takes whole memory pages; so a few arenas are cut
 * into pieces. Over the limit of locked memory (RLIMIT_MEMLOCK) libsodium hands out unlocked memory without a word, so each arena
 * is locked a second time, which does report failure.
 */
import assert from 'node:assert/strict'
import { errors } from '#server/errors.ts'
import { lockedArenaBytes, lockedBytesMax } from '#server/limits.ts'
import { guarded, randomBytes } from './sodium.ts'

/** A piece of locked memory. `bytes` must not be used after release. */
export interface LockedBytes extends Disposable {
  readonly bytes: Buffer
  /** Zeroes the piece and gives it back. Harmless when repeated. */
  release(): void
}

export interface LockedMemory {
  /** Whether the system really locked it; false only where failing is not catastrophic. */
  readonly isLocked: boolean
  readonly usedBytes: number
  /** A zeroed piece. Rejects with `MemoryLockFailed` over the limit of 1 MiB, or where locking fails and that is catastrophic. */
  allocate(length: number): LockedBytes
  /** Moves a secret in: copies it and zeroes the source. */
  hold(secret: Uint8Array): LockedBytes
  /** A fresh random key or the like. */
  random(length: number): LockedBytes
  /** Zeroes and frees everything. */
  close(): void
}

export interface LockedMemoryOptions {
  /** False = `Security.DoNotConsiderMemoryLockFailureAsCatastrophicError` was set: go on with memory that may be swapped. */
  readonly failureIsCatastrophic?: boolean
  /** Locks one arena, says whether it worked; replaced in tests. */
  readonly lock?: (memory: Buffer) => boolean
}

/** Opens it and tries it at once, so that a server that cannot lock memory stops at its start. */
export function openLockedMemory(options: LockedMemoryOptions = {}): LockedMemory {
  const memory = new Arenas(options)
  memory.allocate(1).release()
  return memory
}

const pieceBytes = 32

class Arenas implements LockedMemory {
  readonly #lock: (memory: Buffer) => boolean
  readonly #failureIsCatastrophic: boolean
  readonly #arenas: Buffer[] = []
  /** Released pieces by length. */
  readonly #free = new Map<number, Buffer[]>()
  #filled = lockedArenaBytes
  #isLocked = true
  #used = 0

  constructor({ failureIsCatastrophic = true, lock = guarded.lock }: LockedMemoryOptions) {
    this.#failureIsCatastrophic = failureIsCatastrophic
    this.#lock = lock
  }

  get isLocked(): boolean {
    return this.#isLocked
  }

  get usedBytes(): number {
    return this.#used
  }

  allocate(length: number): LockedBytes {
    assert(length > 0 && length <= lockedArenaBytes, 'a piece of locked memory fits an arena')
    const size = Math.ceil(length / pieceBytes) * pieceBytes
    const piece = this.#free.get(size)?.pop() ?? this.#cut(size)
    this.#used += size
    let released = false
    const release = (): void => {
      if (released) return
      released = true
      if (piece.length === 0) return
      guarded.zero(piece)
      this.#used -= size
      this.#free.set(size, [...(this.#free.get(size) ?? []), piece])
    }
    return { bytes: piece.subarray(0, length), release, [Symbol.dispose]: release }
  }

  hold(secret: Uint8Array): LockedBytes {
    const held = this.allocate(secret.length)
    held.bytes.set(secret)
    guarded.zero(secret)
    return held
  }

  random(length: number): LockedBytes {
    return this.hold(randomBytes(length))
  }

  close(): void {
    this.#free.clear()
    for (const arena of this.#arenas.splice(0)) guarded.free(arena)
    this.#filled = lockedArenaBytes
    this.#used = 0
  }

  #cut(size: number): Buffer {
    if (this.#filled + size > lockedArenaBytes) this.#grow()
    const arena = this.#arenas.at(-1)
    assert(arena !== undefined)
    const piece = arena.subarray(this.#filled, this.#filled + size)
    this.#filled += size
    return piece
  }

  #grow(): void {
    if ((this.#arenas.length + 1) * lockedArenaBytes > lockedBytesMax)
      throw errors.MemoryLockFailed(`all ${lockedBytesMax} bytes meant for keys are in use`)
    const arena = guarded.allocate(lockedArenaBytes)
    if (!this.#lock(arena)) {
      this.#isLocked = false
      if (this.#failureIsCatastrophic) {
        guarded.free(arena)
        throw errors.MemoryLockFailed('the system refused to lock it')
      }
    }
    guarded.zero(arena)
    this.#arenas.push(arena)
    this.#filled = 0
  }
}

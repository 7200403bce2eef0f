/**
 * The port under the engine: numbered slots of sealed bytes and one root, changed together or not at all.
 *
 * What a caller may assume. `commit` is atomic and durable when it resolves. It first compares the stored root with
 * `expectedRoot`, byte for byte and inside its own transaction: where they differ, another process has taken the folder,
 * nothing is written, and it rejects with `DataDirectoryTaken`. Where the root is the same and somebody else has written to the files all the
 * same, it rejects with `DataFileChanged`; where they are gone, with `DataFileGone`. Full disk rejects with `DiskFull` and leaves the old state.
 * The Buffers of a change may be used again once it is settled. The bytes are ciphertext: an implementation neither knows a key nor interprets anything.
 */
export interface PageStore {
  /** The sealed slot, or nothing. The Buffer belongs to the caller until the next call. */
  read(page: number): Buffer | undefined
  readRoot(): Buffer | undefined
  commit(change: PageChange): Promise<void>
  /** Whether somebody else has written to what is stored since our last commit. Throws `DataFileGone`. */
  isChanged(): boolean
  /** The numbers of all stored pages, for checks. */
  pages(): Iterable<number>
  /** Bytes that the files take. */
  sizeBytes(): number
  close(): Promise<void>
}

export interface PageChange {
  readonly pages: readonly { readonly page: number; readonly bytes: Buffer }[]
  readonly freed: readonly number[]
  readonly root: Buffer
  /** What the root must still be; nothing at the very first commit. */
  readonly expectedRoot: Buffer | undefined
}

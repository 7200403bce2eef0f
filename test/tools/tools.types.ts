/** What a tool that tests need lacks, and what would help. */
export interface Missing {
  readonly reason: string
  readonly fix: string
}

/** Shows a line of progress. */
export type Tell = (line: string) => void

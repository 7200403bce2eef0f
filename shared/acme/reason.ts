/** Why a connection did not come about, in the system's words: every address of a name may have failed in its own way. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ')
  if (error instanceof Error && error.name === 'TimeoutError') return 'nothing came in time'
  return error instanceof Error ? error.message : String(error)
}

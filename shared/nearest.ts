/** The known word that somebody probably meant. Pure. */

/** The one with the fewest letters to change, without regard to case; undefined only where there are none. */
export function nearestOf(word: string, known: readonly string[]): string | undefined {
  // A stranger chooses the word, and the work grows with its length.
  const wanted = word.slice(0, 100).toLowerCase()
  const ranked = known.map((one) => ({ one, distance: distance(wanted, one.toLowerCase()) }))
  return ranked.sort((a, b) => a.distance - b.distance)[0]?.one
}

/** Levenshtein's distance. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let line = 1; line <= from.length; line += 1) {
    const next = [line]
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (row[column - 1] ?? 0) + (from[line - 1] === to[column - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}

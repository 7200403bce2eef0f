/**
 * Decisions as ordered lists of named checks: the first that finds something decides, and the list is the documentation.
 */

/** Pure: looks at the question, says what it found or nothing. Named for the state that makes it fire. */
export type Check<Question, Finding> = (question: Question) => Finding | undefined

/** The first finding in the order of the list. */
export function firstFinding<Question, Finding>(
  checks: readonly Check<Question, Finding>[],
  question: Question,
): Finding | undefined {
  for (const check of checks) {
    const finding = check(question)
    if (finding !== undefined) return finding
  }
  return undefined
}

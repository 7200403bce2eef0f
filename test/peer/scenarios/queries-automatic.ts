/** Names of automatic indexes, one unused collection each. */
import type { Step } from '#test/peer/scenario.types.ts'
import { query } from './query-step.ts'
import { stepList } from './step-list.ts'

export function automaticIndexSteps(): Step[] {
  const { add, steps } = stepList('/databases/queries1/')
  const q = query(add)
  const conditions = [
    'A = 1',
    'B = 1 and A = 2',
    'A.B = 1',
    'A[] = 1',
    'A[].B = 1',
    "search(A, 'x')",
    "exact(A = 'x')",
    "startsWith(A, 'x')",
    'A > 1',
    'A = 1 order by C',
    'A = 1 order by C as long',
    "id() = 'x' and A = 1",
    'exists(A)',
    'boost(A = 1, 2)',
    'a = 1 and A = 1',
    "'full name' = 1",
    'A in (1, 2)',
    'A between 1 and 2',
  ]
  for (const [i, where] of conditions.entries())
    q(
      `automatic index name: where ${where}`,
      `from Name${i} where ${where}`,
      {},
      { exact: true, only: ['IndexName', 'Type', 'Message'] },
    )
  const groupings = [
    'group by A select A, count()',
    'group by A, B select A, B, sum(C)',
    'group by A select key(), count() as N',
    'group by Array(T) select T, count()',
    'group by A where count() > 1 select A, count()',
    'group by A order by count() select A, count()',
  ]
  for (const [i, text] of groupings.entries())
    q(
      `automatic index name: ${text}`,
      `from Group${i} ${text}`,
      {},
      { exact: true, only: ['IndexName', 'Type', 'Message'] },
    )
  q('order by without where', 'from Orders1 order by A', {}, { exact: true, only: ['IndexName'] })

  return steps
}

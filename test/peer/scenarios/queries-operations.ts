/** Operations by query, and streams. */
import { dig } from '#test/peer/answers.ts'
import type { Seen, Step } from '#test/peer/scenario.types.ts'
import { query } from './query-step.ts'
import { stepList } from './step-list.ts'

export function operationSteps(): Step[] {
  const { add, steps } = stepList('/databases/queries1/')
  const q = query(add)
  // operations by query
  const done = ({ body }: Seen) =>
    !['undefined', 'InProgress'].includes(String(dig(body, 'Status')))
  add('patch by query', 'PATCH', 'queries', {
    body: {
      Query: {
        Query: "from People where City = 'Oslo' update { this.Moved = args.m }",
        QueryParameters: { m: 1 },
      },
    },
    capture: { op1: 'body.OperationId' },
  })
  add('patch by query state', 'GET', 'operations/state?id={op1}', { until: done })
  add('patch by query, bad script', 'PATCH', 'queries', {
    body: { Query: { Query: 'from People update { this.X = ( }' } },
    capture: { op2: 'body.OperationId' },
  })
  add('patch by query, no update', 'PATCH', 'queries', {
    body: { Query: { Query: 'from People' } },
  })
  add('patch by query, throwing', 'PATCH', 'queries', {
    body: { Query: { Query: 'from People update { throw "no" }' } },
    capture: { op3: 'body.OperationId' },
  })
  add('patch by query, throwing, state', 'GET', 'operations/state?id={op3}', { until: done })
  add('delete by query', 'DELETE', 'queries?allowStale=false', {
    body: { Query: 'from People where Moved = 1' },
    capture: { op4: 'body.OperationId' },
  })
  add('delete by query state', 'GET', 'operations/state?id={op4}', { until: done })
  add('delete by query, missing index', 'DELETE', 'queries', {
    body: { Query: "from index 'Nope'" },
    capture: { op5: 'body.OperationId' },
  })
  add('delete by query, missing index, state', 'GET', 'operations/state?id={op5}', { until: done })
  add('operation unknown', 'GET', 'operations/state?id=99999')
  add('operation bad id', 'GET', 'operations/state?id=x')
  add('kill unknown', 'POST', 'operations/kill?id=99999')
  q('after delete', 'from People order by Name select Name')
  q('after delete, collection', 'from People', {}, { needs: ['delete by query'] })
  q('after delete, later', 'from People order by Name select Name', {}, { wait: 1500 })
  add('stream docs', 'GET', 'streams/docs?startsWith=people/&pageSize=2')
  add('stream query', 'POST', 'streams/queries', {
    body: { Query: "from People where Name = 'Ann'" },
  })
  add('delete C# index as its admin', 'DELETE', 'indexes?name=People%2FByName')
  q('query of a deleted index', "from index 'People/ByName'", {}, { needs: ['put map index'] })
  add('suggest', 'POST', 'queries', {
    body: { Query: "from index 'People/ByName' select suggest(Name, 'An')" },
    needs: ['put map index'],
  })

  return steps
}

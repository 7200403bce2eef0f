/** Putting indexes, and who may. */
import type { Step } from '#test/peer/scenario.types.ts'
import { stepList } from './step-list.ts'

export function putIndexSteps(): Step[] {
  const { add, steps } = stepList('/databases/queries1/')
  // indexes
  const index = (name: string, definition: object) =>
    add(name, 'PUT', 'admin/indexes', { body: { Indexes: [definition] } })
  index('put map index', {
    Name: 'People/ByName',
    Maps: ['from p in docs.People select new { p.Name, p.Age }'],
    Fields: { Name: { Storage: 'Yes' } },
  })
  index('put map-reduce index', {
    Name: 'People/Cities',
    Maps: ['from p in docs.People select new { p.City, Count = 1 }'],
    Reduce:
      'from r in results group r by r.City into g select new { City = g.Key, Count = g.Sum(x => x.Count) }',
  })
  index('put JavaScript index', {
    Name: 'People/JS',
    Maps: ["map('People', p => ({ Name: p.Name, Years: p.Age }))"],
    Type: 'JavaScriptMap',
  })
  add('put JavaScript index, plain route', 'PUT', 'indexes', {
    body: {
      Indexes: [
        {
          Name: 'People/JS2',
          Maps: ["map('People', p => ({ Name: p.Name }))"],
          Type: 'JavaScriptMap',
        },
      ],
    },
  })
  add('put C# index, plain route', 'PUT', 'indexes', {
    body: {
      Indexes: [{ Name: 'People/CS2', Maps: ['from p in docs.People select new { p.Name }'] }],
    },
  })
  for (const as of ['userReadWrite', 'userAdmin']) {
    add(`put JavaScript index as ${as}`, 'PUT', '/databases/alpha/indexes', {
      as,
      body: {
        Indexes: [
          {
            Name: `P/${as}`,
            Maps: ["map('Probes', p => ({ Name: p.Name }))"],
            Type: 'JavaScriptMap',
          },
        ],
      },
    })
    add(`put C# index as ${as}`, 'PUT', '/databases/alpha/admin/indexes', {
      as,
      body: {
        Indexes: [{ Name: `C/${as}`, Maps: ['from p in docs.Probes select new { p.Name }'] }],
      },
    })
    add(`delete index as ${as}`, 'DELETE', `/databases/alpha/indexes?name=P%2F${as}`, { as })
    add(`auto index as ${as}`, 'POST', '/databases/alpha/queries', {
      as,
      body: { Query: "from Probes where Name = 'x'" },
    })
  }
  index('put index, bad syntax', { Name: 'Bad/1', Maps: ['from p in docs.People select'] })
  index('put index, bad JavaScript', {
    Name: 'Bad/2',
    Maps: ["map('People', p => {"],
    Type: 'JavaScriptMap',
  })
  index('put index, no maps', { Name: 'Bad/3', Maps: [] })
  index('put index, no name', { Maps: ['from p in docs.People select new { p.Name }'] })
  index('put index, auto name', {
    Name: 'Auto/X',
    Maps: ['from p in docs.People select new { p.Name }'],
  })
  add('put index, no body', 'PUT', 'admin/indexes')
  index('put same index again', {
    Name: 'People/ByName',
    Maps: ['from p in docs.People select new { p.Name, p.Age }'],
    Fields: { Name: { Storage: 'Yes' } },
  })

  return steps
}

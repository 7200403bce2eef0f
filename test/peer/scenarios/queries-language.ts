/** The language of queries, and what is answered. */
import type { Step } from '#test/peer/scenario.types.ts'
import { query } from './query-step.ts'
import { stepList } from './step-list.ts'

const docs = [
  ['Ann', 30, 'Rome', true],
  ['Bob', 25, 'Oslo', false],
  ['Cid', 41, 'Rome', true],
  ['Dan', 25, 'Rome', false],
  ['Eve', 19, 'Oslo', true],
] as const

export function languageSteps(): Step[] {
  const { add, steps } = stepList('/databases/queries1/')
  const q = query(add)
  add('create database', 'PUT', '/admin/databases?name=queries1', {
    as: 'server',
    body: { DatabaseName: 'queries1' },
    quiet: true,
  })
  add('store', 'POST', 'bulk_docs', {
    body: {
      Commands: docs.map(([Name, Age, City, Active], i) => ({
        Type: 'PUT',
        Id: `people/${i + 1}`,
        ChangeVector: null,
        Document: {
          Name,
          Age,
          City,
          Active,
          Boss: 'people/1',
          Tags: ['x', Name],
          Home: { Zip: `z${i}` },
          '@metadata': { '@collection': 'People' },
        },
      })),
    },
  })
  q('collection query', 'from People')
  q('collection query, id', "from People where id() = 'people/2'")
  q('where', 'from People where City = $c', { c: 'Rome' }, { capture: { qEtag: 'header.etag' } })
  q(
    'where, same with If-None-Match',
    'from People where City = $c',
    { c: 'Rome' },
    { headers: { 'if-none-match': '{qEtag}' } },
  )
  q('limit is not in the 4.1 language', 'from People order by Name limit 0, 1')
  add('and, order, Start, PageSize', 'POST', 'queries', {
    body: {
      Query: "from People where Age > $a and City = 'Rome' order by Age as long desc",
      QueryParameters: { a: 20 },
      Start: 1,
      PageSize: 1,
      WaitForNonStaleResults: true,
    },
  })
  add('PageSize 0', 'POST', 'queries', {
    body: { Query: "from People where City = 'Rome'", PageSize: 0, WaitForNonStaleResults: true },
  })
  add('PageSize negative', 'POST', 'queries', {
    body: { Query: "from People where City = 'Rome'", PageSize: -1 },
  })
  q('in', 'from People where Name in ($l)', { l: ['Ann', 'Eve'] })
  q('between', 'from People where Age between 20 and 30')
  q('startsWith', "from People where startsWith(Name, 'A')")
  q('search', "from People where search(Name, 'ann bob')")
  q('exists', 'from People where exists(Boss)')
  q('or not', "from People where City = 'Oslo' or not (Age = 25)")
  q('not equal', 'from People where Age != 25')
  q('select', "from People where City = 'Rome' select Name, Age as Years")
  q('select js', "from People as p where p.City = 'Rome' select { N: p.Name + '!' }")
  q('select distinct', 'from People select distinct City')
  q('select id', "from People where Name = 'Ann' select id() as Id, Name")
  q('nested path', "from People where Home.Zip = 'z1'")
  q('array path', "from People where Tags[] = 'Ann'")
  q('array field', "from People where Tags = 'Ann'")
  q('include', "from People where Name = 'Bob' include Boss")
  q(
    'group by',
    'from People group by City order by Count as long desc select City, count() as Count, sum(Age) as Total',
  )
  q(
    'projection type',
    "from People where Name = 'Ann' select __PROJECTED_NESTED_OBJECT_TYPES__, Name",
  )
  q('all docs', "from @all_docs where id() = 'people/1'")
  q('order by random', "from People where Name = 'Ann' order by random()")
  q('order by score', "from People where Name = 'Ann' order by score()")
  q(
    'declare function',
    "declare function f(p) { return { U: p.Name.toUpperCase() } } from People as p where p.Name = 'Ann' select f(p)",
  )
  q(
    'load',
    "from People as p where p.Name = 'Bob' load p.Boss as b select { N: p.Name, B: b.Name }",
  )
  q('quoted collection', "from 'People' where 'Name' = 'Ann'")
  q('in other case', "FROM people WHERE Name = 'Ann'")
  q('empty result', "from People where Name = 'Zed'")
  q('unknown collection', 'from Ghosts where A = 1')
  q('case of field', "from People where name = 'Ann'")
  q('case of value', "from People where Name = 'ANN'")
  q('exact', "from People where exact(Name = 'ANN')")
  q('parse error', 'from People where')
  q('parse error 2', 'select * from People')
  q('empty text', '')
  q('missing parameter', 'from People where Name = $nope')
  q('missing index', "from index 'No/Such'")
  add('no body', 'POST', 'queries')
  add('query key missing', 'POST', 'queries', { body: {} })
  add('bad JSON', 'POST', 'queries', { body: '{' })
  add('GET query', 'GET', `queries?query=${encodeURIComponent("from People where Name = 'Ann'")}`)
  add('metadataOnly', 'POST', 'queries?metadataOnly=true', {
    body: { Query: "from People where Name = 'Ann'" },
  })
  add('queryHash', 'POST', 'queries?queryHash=123', {
    body: { Query: "from People where Name = 'Ann'" },
  })
  add('explain', 'POST', 'queries?debug=explain', {
    sort: 'Results',
    shape: true,
    body: { Query: "from People where Name = 'Ann'" },
  })
  add('Start and PageSize', 'POST', 'queries', {
    body: { Query: 'from People order by Name', Start: 1, PageSize: 2 },
  })
  add('timeout as number', 'POST', 'queries', {
    body: {
      Query: "from People where Name = 'Ann'",
      WaitForNonStaleResults: true,
      WaitForNonStaleResultsTimeout: 15000,
    },
  })

  return steps
}

/** Querying, reading, changing and deleting indexes. */
import type { Step } from '#test/peer/scenario.types.ts'
import { query } from './query-step.ts'
import { stepList } from './step-list.ts'

const needs = ['put map index']

export function indexSteps(): Step[] {
  const { add, steps } = stepList('/databases/queries1/')
  const q = query(add)
  q('query map index', "from index 'People/ByName' where Age > 24 order by Name", {}, { needs })
  q(
    'query map index, stored field',
    "from index 'People/ByName' where Name = 'Ann' select Name",
    {},
    { needs },
  )
  q(
    'query map-reduce',
    "from index 'People/Cities' order by City",
    {},
    { needs: ['put map-reduce index'] },
  )
  q(
    'query JavaScript index',
    "from index 'People/JS' where Years = 25 order by Name",
    {},
    { needs: ['put JavaScript index'] },
  )
  q('unknown field', "from index 'People/ByName' where Ghost = 1", {}, { needs })
  add('index definition', 'GET', 'indexes?name=People%2FByName')
  add('index definition in other case', 'GET', 'indexes?name=PEOPLE%2FBYNAME', { shape: true })
  add('index definition missing', 'GET', 'indexes?name=nosuch')
  add('index names', 'GET', 'indexes?namesOnly=true&start=0&pageSize=50', { shape: true })
  add('index definitions', 'GET', 'indexes?start=0&pageSize=1', { shape: true })
  add('index stats', 'GET', 'indexes/stats?name=People%2FByName', { shape: true })
  add('index stats missing', 'GET', 'indexes/stats?name=nosuch')
  add('index status', 'GET', 'indexes/status', { shape: true })
  add('index staleness', 'GET', 'indexes/staleness?name=People%2FByName')
  add('index errors', 'GET', 'indexes/errors?name=People%2FByName')
  add('index errors all', 'GET', 'indexes/errors', { shape: true, count: 'Results' })
  add('terms', 'GET', 'indexes/terms?name=People%2FByName&field=Name&pageSize=10')
  add(
    'terms from',
    'GET',
    'indexes/terms?name=People%2FByName&field=Name&fromValue=bob&pageSize=10',
  )
  add('terms bad field', 'GET', 'indexes/terms?name=People%2FByName&field=Ghost')
  add('terms missing index', 'GET', 'indexes/terms?name=nosuch&field=Name')
  add('has-changed no', 'POST', 'indexes/has-changed', {
    body: {
      Name: 'People/ByName',
      Maps: ['from p in docs.People select new { p.Name, p.Age }'],
      Fields: { Name: { Storage: 'Yes' } },
    },
  })
  add('set-lock', 'POST', 'indexes/set-lock', {
    body: { IndexNames: ['People/ByName'], Mode: 'LockedIgnore' },
  })
  add('set-priority', 'POST', 'indexes/set-priority', {
    body: { IndexNames: ['People/ByName'], Priority: 'High' },
  })
  add('disable index', 'POST', 'admin/indexes/disable?name=People%2FJS')
  add('enable index', 'POST', 'admin/indexes/enable?name=People%2FJS')
  add('stop indexing', 'POST', 'admin/indexes/stop')
  add('write while stopped', 'PUT', 'docs?id=people%2F6', {
    body: { Name: 'Flo', Age: 50, City: 'Rome', '@metadata': { '@collection': 'People' } },
  })
  add('stale query', 'POST', 'queries', {
    body: { Query: "from index 'People/ByName' where Age = 50" },
    needs,
  })
  add('stale query, waiting too short', 'POST', 'queries', {
    body: {
      Query: "from index 'People/ByName' where Age = 50",
      WaitForNonStaleResults: true,
      WaitForNonStaleResultsTimeout: '00:00:00.2',
    },
    needs,
  })
  add('staleness while stopped', 'GET', 'indexes/staleness?name=People%2FByName')
  add('start indexing', 'POST', 'admin/indexes/start')
  q('fresh query', "from index 'People/ByName' where Age = 50", {}, { needs })
  add('reset index', 'RESET', 'indexes?name=People%2FCities')
  add('delete index', 'DELETE', 'indexes?name=People%2FJS2')
  add('delete index missing', 'DELETE', 'indexes?name=nosuch')
  add('delete index no name', 'DELETE', 'indexes')

  return steps
}

/** Creating databases: names, records, who may. */
import type { Step } from '#test/peer/scenario.types.ts'
import { type More, stepList } from './step-list.ts'

export function createDatabaseSteps(): Step[] {
  const { add, steps } = stepList()
  const make = (name: string, db: string, record?: object | string, more: More = {}) =>
    add(name, 'PUT', `/admin/databases?name=${encodeURIComponent(db)}`, {
      body: record ?? { DatabaseName: db },
      ...more,
    })
  make('create', 'gamma')
  make('create again', 'gamma')
  make('create again in other case', 'GAMMA')
  make('create with dots and case', 'Mixed.Case')
  for (const bad of [
    '',
    ' ',
    'a b',
    'a/b',
    'a\\b',
    'a*b',
    'ä',
    'con',
    'a'.repeat(129),
    'a$b',
    'a:b',
    '-a',
    '_a',
    'System',
  ])
    make(`create <${bad.length > 50 ? `${bad.length} a` : bad}>`, bad)
  add('create without name', 'PUT', '/admin/databases', { body: { DatabaseName: 'x1' } })
  make('create, names differ', 'epsilon', { DatabaseName: 'other' })
  make('create, empty record', 'epsilon', {})
  make('create, bad JSON', 'epsilon', '{')
  make('create, no body', 'epsilon', '')
  make('create, unknown keys', 'epsilon', { DatabaseName: 'epsilon', Foo: 1 })
  add('create, replicationFactor 2', 'PUT', '/admin/databases?name=delta&replicationFactor=2', {
    body: { DatabaseName: 'delta' },
  })
  add('create, replicationFactor 0', 'PUT', '/admin/databases?name=delta&replicationFactor=0', {
    body: { DatabaseName: 'delta' },
  })
  make('create, unknown node in topology', 'zeta', {
    DatabaseName: 'zeta',
    Topology: { Members: ['Q'] },
  })
  make(
    'create, ETag header undefined',
    'gamma',
    { DatabaseName: 'gamma' },
    { headers: { etag: '"undefined"' } },
  )
  make('create as user', 'eta', undefined, { as: 'userAdmin' })
  make('create as operator', 'beta2', undefined, { as: 'operator' })

  return steps
}

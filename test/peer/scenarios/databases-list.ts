/** Records and lists of databases. */
import type { Step } from '#test/peer/scenario.types.ts'
import { stepList } from './step-list.ts'

export function listDatabaseSteps(): Step[] {
  const { add, steps } = stepList()
  add('record', 'GET', '/admin/databases?name=gamma')
  add('record in other case', 'GET', '/admin/databases?name=GAMMA')
  add('record keeps case', 'GET', '/admin/databases?name=mixed.case', { only: ['DatabaseName'] })
  add('record missing', 'GET', '/admin/databases?name=nosuch')
  add('record without name', 'GET', '/admin/databases')
  add('record as user', 'GET', '/admin/databases?name=alpha', { as: 'userAdmin' })
  add('list names', 'GET', '/databases?namesOnly=true&start=0&pageSize=100', { as: 'clusterAdmin' })
  add('list names, paged', 'GET', '/databases?namesOnly=true&start=1&pageSize=2')
  add('list names, beyond', 'GET', '/databases?namesOnly=true&start=100&pageSize=2')
  add('list', 'GET', '/databases?start=0&pageSize=1', { shape: true })
  add('list one by name', 'GET', '/databases?name=gamma', { shape: true })
  add('list one missing', 'GET', '/databases?name=nosuch')
  add('list as user', 'GET', '/databases?namesOnly=true', { as: 'userReadWrite' })
  add('list one without rights', 'GET', '/databases?name=beta', {
    as: 'userReadWrite',
    shape: true,
  })

  return steps
}

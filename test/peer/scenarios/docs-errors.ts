/** Missing databases, unknown routes, odd URLs, and a database that is disabled. */
import type { Step } from '#test/peer/scenario.types.ts'
import { stepList } from './step-list.ts'

/** What changed the document that is read here. */
const needs = ['batch patch', 'batch counters', 'patch']

export function errorSteps(): Step[] {
  const { add, steps } = stepList('/databases/docs1/')
  // errors
  add('missing database', 'GET', '/databases/nosuch/docs?id=a')
  add('missing database with client header', 'GET', '/databases/nosuch/docs?id=a', {
    headers: { 'raven-client-version': '4.1.0' },
  })
  add('missing database PUT', 'PUT', '/databases/nosuch/docs?id=a', { body: {} })
  add('missing database topology', 'GET', '/topology?name=nosuch')
  add('missing database stats', 'GET', '/databases/nosuch/stats')
  add('unknown route', 'GET', 'nope')
  add('unknown admin route', 'GET', '/admin/nope')
  add('wrong method', 'PUT', 'stats', { body: {} })
  add('wrong method PATCH', 'PATCH', '/databases', { body: {} })
  add('OPTIONS', 'OPTIONS', 'docs')
  add('RESET index verb on a missing index', 'RESET', 'indexes?name=nosuch')
  add('trailing slash', 'GET', 'docs/?id=b%2F1')
  add('double slash', 'GET', '//databases/docs1/docs?id=b%2F1')
  add('upper-case path', 'GET', '/DATABASES/docs1/DOCS?id=b%2F1')
  add('query key in other case', 'GET', 'docs?ID=b%2F1', { needs })
  add('long url 6000', 'GET', `docs?id=${'y'.repeat(6000)}`)
  add('long url 9000', 'GET', `docs?id=${'y'.repeat(9000)}`)
  add('post long ids', 'POST', 'docs', { body: { Ids: ['z'.repeat(2000)] } })
  add('client version header unknown', 'GET', 'docs?id=b%2F1', {
    headers: { 'raven-client-version': '7.2.3' },
    needs,
  })
  add('topology etag old', 'GET', 'docs?id=b%2F1', {
    headers: { 'topology-etag': '"-99"' },
    needs,
  })
  add('client configuration etag', 'GET', 'docs?id=b%2F1', {
    headers: { 'client-configuration-etag': '0' },
    needs,
  })
  add('disable', 'POST', '/admin/databases/disable', {
    as: 'server',
    body: { DatabaseNames: ['docs1'] },
  })
  add('disabled database get', 'GET', 'docs?id=b%2F1', { wait: 500 })
  add('disabled database topology', 'GET', '/topology?name=docs1')
  add('disabled database stats', 'GET', 'stats')
  add('enable', 'POST', '/admin/databases/enable', {
    as: 'server',
    body: { DatabaseNames: ['docs1'] },
  })
  add('enabled again', 'GET', 'docs?id=users%2F2', { wait: 500 })

  return steps
}

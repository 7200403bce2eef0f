/** Disabling, enabling and deleting databases, and their client configuration. */
import type { Step } from '#test/peer/scenario.types.ts'
import { type More, stepList } from './step-list.ts'

export function changeDatabaseSteps(): Step[] {
  const { add, steps } = stepList()
  const make = (name: string, db: string) =>
    add(name, 'PUT', `/admin/databases?name=${db}`, { body: { DatabaseName: db } })
  const toggle = (name: string, verb: string, body: object, more: More = {}) =>
    add(name, 'POST', `/admin/databases/${verb}`, { body, ...more })
  toggle('disable', 'disable', { DatabaseNames: ['gamma'] })
  toggle('disable again', 'disable', { DatabaseNames: ['gamma'] })
  add('get while disabled', 'GET', '/databases/gamma/docs?id=a', { wait: 500 })
  add('record while disabled', 'GET', '/admin/databases?name=gamma', { only: ['Disabled'] })
  add('list while disabled', 'GET', '/databases?name=gamma', { shape: true })
  toggle('enable', 'enable', { DatabaseNames: ['gamma'] })
  toggle('disable missing', 'disable', { DatabaseNames: ['nosuch'] })
  toggle('disable nothing', 'disable', { DatabaseNames: [] })
  toggle('disable bad body', 'disable', {})
  toggle('disable as user', 'disable', { DatabaseNames: ['alpha'] }, { as: 'userAdmin' })
  const drop = (name: string, body: object | string, more: More = {}) =>
    add(name, 'DELETE', '/admin/databases', { body, ...more })
  const wait = { TimeToWaitForConfirmation: '00:00:15' }
  drop('delete missing', { DatabaseNames: ['nosuch'], HardDelete: true, ...wait })
  drop('delete as user', { DatabaseNames: ['alpha'], HardDelete: true }, { as: 'userAdmin' })
  drop('delete nothing', { DatabaseNames: [] })
  drop('delete bad body', {})
  drop('delete no body', '')
  drop('delete soft', { DatabaseNames: ['gamma'], HardDelete: false, ...wait })
  add('get after soft delete', 'GET', '/databases/gamma/docs?id=a')
  make('create over soft deleted', 'gamma')
  drop('delete hard', { DatabaseNames: ['GAMMA'], HardDelete: true, ...wait })
  drop('delete several', {
    DatabaseNames: ['Mixed.Case', 'epsilon', 'nosuch'],
    HardDelete: true,
    ...wait,
  })
  drop('delete from a node', {
    DatabaseNames: ['delta'],
    HardDelete: true,
    FromNodes: ['A'],
    ...wait,
  })
  drop('clean', { DatabaseNames: ['beta2'], HardDelete: true, ...wait }, { quiet: true })
  for (const n of [
    'epsilon',
    'Mixed.Case',
    'zeta',
    'System',
    'delta',
    '-a',
    '_a',
    'con',
    'a'.repeat(129),
    'ä',
    ' ',
  ])
    drop(`clean ${n}`, { DatabaseNames: [n], HardDelete: true, ...wait }, { quiet: true })
  // the names '.' and '..' are accepted too, see 95-dangerous.mjs
  add('client configuration put', 'PUT', '/databases/alpha/admin/configuration/client', {
    as: 'userAdmin',
    body: { MaxNumberOfRequestsPerSession: 50, Disabled: false },
  })
  add('client configuration get', 'GET', '/databases/alpha/configuration/client', {
    as: 'userReadWrite',
  })
  add('refresh header', 'GET', '/databases/alpha/docs?id=probe%2F1', {
    headers: { 'client-configuration-etag': '0' },
  })

  return steps
}

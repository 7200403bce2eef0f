/** Statistics, topology and other facts of a database and of the server. */
import type { Step } from '#test/peer/scenario.types.ts'
import { stepList } from './step-list.ts'

/** Earlier steps that left something behind in alpha. */
const changedBy: Readonly<Record<string, readonly string[]>> = {
  'operations/state?id=1': ['userReadWrite exports'],
  'admin/record': ['userAdmin conflict solver'],
}

export function databaseFactSteps(): Step[] {
  const { add, steps } = stepList()
  for (const p of [
    'stats',
    'stats/detailed',
    'collections/stats',
    'metrics',
    'metrics/bytes',
    'metrics/puts',
    'info/tcp',
    'tcp',
    'operations',
    'operations/next-operation-id',
    'operations/state?id=1',
    'configuration/client',
    'configuration/studio',
    'tasks',
    'notification-center/watch',
    'debug/storage/report',
    'debug/queries/running',
    'healthcheck',
    'is-loaded',
    'studio/footer/stats',
    'collections/docs?name=Probes',
    'stats/essential',
    'admin/record',
    'revisions/config',
    'expiration/config',
    'replication/conflicts',
    'subscriptions',
  ])
    add(`alpha/${p}`, 'GET', `/databases/alpha/${p}`, {
      needs: changedBy[p] ?? [],
      shape: true,
      as: 'clusterAdmin',
      limit: 3000,
    })
  for (const p of [
    '/cluster/topology',
    '/topology?name=alpha',
    '/cluster/node-info',
    '/info/tcp',
    '/admin/debug/node/ping',
    '/license/status',
    '/configuration/client',
    '/operations/state?id=1',
    '/debug/server-id',
    '/debug/is-loaded?name=alpha',
    '/admin/metrics',
    '/admin/cluster/log',
    '/admin/cluster/observer/decisions',
    '/monitoring/snmp/oids',
    '/periodic-backup/status?name=alpha&taskId=1',
    '/studio-tasks/is-valid-name?type=Database&name=a%20b',
    '/admin/logs/configuration',
    '/build/version',
    '/admin/operations/next-operation-id',
  ])
    add(p, 'GET', p, { shape: true, as: 'clusterAdmin', limit: 6000 })
  for (const as of ['none', 'userOther', 'userReadWrite', 'operator'])
    for (const p of [
      '/cluster/node-info',
      '/info/tcp',
      '/databases/alpha/stats',
      '/license/status',
    ])
      add(`${p} as ${as}`, 'GET', p, { as, shape: true })
  for (const header of ['topology-etag', 'cluster-topology-etag'])
    for (const p of [
      '/databases/alpha/docs?id=nosuch%2F1',
      '/databases/alpha/stats',
      '/databases/alpha/info/tcp',
      '/topology?name=alpha',
      '/cluster/topology',
      '/cluster/node-info',
      '/build/version',
      '/databases?namesOnly=true',
      '/no/such/route',
    ])
      add(`older ${header}: ${p}`, 'GET', p, { headers: { [header]: '"0"' }, only: [] })

  return steps
}

/** Every identity on the routes that a client calls first. */
import type { RequestStep, Scenario } from '#test/peer/scenario.types.ts'

const who = [
  'none',
  'unknown',
  'expired',
  'server',
  'clusterAdmin',
  'operator',
  'userAdmin',
  'userReadWrite',
  'userOther',
]

export function authentication(): Scenario {
  const steps: RequestStep[] = []
  for (const as of who) {
    for (const path of [
      '/certificates/whoami',
      '/databases',
      '/databases?namesOnly=true',
      '/build/version',
      '/setup/alive',
      '/cluster/topology',
      '/topology?name=alpha',
      '/databases/alpha/docs?id=probe%2F1',
      '/databases/nosuch/docs?id=a',
      '/no/such/route',
      '/',
      '/studio/index.html',
    ])
      steps.push({
        name: `${as} ${path}`,
        as,
        path,
        ...(/cluster|studio/.test(path) ? { shape: true } : {}),
        ...(path.startsWith('/databases') && !path.includes('docs')
          ? { sort: 'Databases', shape: !path.includes('names') }
          : {}),
      })
    steps.push({
      name: `${as} put document`,
      as,
      method: 'PUT',
      path: '/databases/alpha/docs?id=probe%2F2',
      body: { A: 1 },
    })
    steps.push({
      name: `${as} db path in other case`,
      as,
      path: '/databases/ALPHA/docs?id=probe%2F1',
    })
    steps.push({ name: `${as} HEAD whoami`, as, method: 'HEAD', path: '/certificates/whoami' })
  }
  // Rights inside handlers that the route alone does not show.
  for (const as of ['userOther', 'userReadWrite', 'userAdmin']) {
    steps.push({
      name: `${as} conflict solver`,
      as,
      method: 'POST',
      path: '/admin/replication/conflicts/solver?name=alpha',
      body: { ResolveToLatest: true, ResolveByCollection: {} },
    })
    steps.push(
      {
        name: `${as} backup status of alpha`,
        as,
        path: '/periodic-backup/status?name=alpha&taskId=1',
      },
      { name: `${as} is-loaded alpha`, as, path: '/debug/is-loaded?name=alpha' },
      { name: `${as} info of beta`, as, path: '/databases?name=beta', shape: true },
      {
        name: `${as} server folders`,
        as,
        path: '/studio-tasks/full-data-directory?name=x&path=',
        shape: true,
      },
    )
    steps.push(
      {
        name: `${as} lock of an index`,
        as,
        method: 'POST',
        path: '/databases/alpha/indexes/set-lock',
        body: { IndexNames: ['nosuch'], Mode: 'Unlock' },
      },
      {
        name: `${as} deletes a collection`,
        as,
        method: 'DELETE',
        path: '/databases/alpha/studio/collections/docs?name=Ghosts',
        body: { ExcludeIds: [] },
      },
      {
        name: `${as} exports`,
        as,
        method: 'POST',
        path: '/databases/alpha/smuggler/export?operationId=77',
        body: {},
        shape: true,
      },
      {
        name: `${as} creates a subscription`,
        as,
        method: 'PUT',
        path: '/databases/alpha/subscriptions',
        body: { Name: `s-${as}`, Query: 'from Probes' },
      },
      {
        name: `${as} drops a subscription`,
        as,
        method: 'DELETE',
        path: `/databases/alpha/subscriptions?taskName=s-${as}`,
      },
    )
  }
  for (const accept of ['text/html', 'application/json'])
    steps.push({
      name: `browser without certificate, ${accept}`,
      as: 'none',
      path: '/studio/index.html',
      headers: { accept, 'user-agent': 'Mozilla/5.0' },
    })
  for (const [as, route] of [
    ['none', '/databases/alpha/changes'],
    ['unknown', '/databases/alpha/changes'],
    ['userOther', '/databases/alpha/changes'],
    ['userReadWrite', '/databases/alpha/changes'],
    ['userReadWrite', '/admin/logs/watch'],
    ['userReadWrite', '/databases/nosuch/changes'],
  ] as const)
    steps.push({
      name: `websocket ${route} as ${as}`,
      as,
      path: route,
      limit: 3000,
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      },
    })
  return { about: 'authentication: who is let in, and with which body who is not', steps }
}

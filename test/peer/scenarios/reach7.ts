/** What reaches further than it should: settings and folders of the server for a database admin, connections on behalf of any user. */
import type { Scenario } from '#test/peer/scenario.types.ts'
import { stepList } from './step-list.ts'

export function reach7(): Scenario {
  const { add, steps } = stepList()
  for (const as of ['userOther', 'userReadWrite', 'userAdmin', 'operator', 'clusterAdmin']) {
    add(
      `settings of the database as ${as}`,
      'GET',
      '/databases/alpha/admin/configuration/settings',
      { as, shape: true },
    )
    add(`settings of the server as ${as}`, 'GET', '/admin/configuration/settings', {
      as,
      shape: true,
    })
    add(`record as ${as}`, 'GET', '/databases/alpha/admin/record', {
      as,
      only: ['DatabaseName', 'Encrypted', 'Disabled', 'Settings', 'Type', 'Message'],
    })
    add(
      `folders of the server as ${as}`,
      'POST',
      '/databases/alpha/admin/studio-tasks/folder-path-options?type=Local&path=%2Fproc%2Fself%2Ffd',
      { as, body: {}, shape: true },
    )
    add(
      `folder details as ${as}`,
      'GET',
      '/databases/alpha/admin/backup-data-directory?path=%2Fetc',
      { as, shape: true },
    )
    add(`data directory as ${as}`, 'GET', '/admin/studio-tasks/full-data-directory?name=x&path=', {
      as,
      shape: true,
    })
    add(
      `connection to any port as ${as}`,
      'POST',
      '/studio-tasks/periodic-backup/test-credentials?type=FTP',
      {
        as,
        body: { Url: 'ftp://127.0.0.1:1/', UserName: 'a', Password: 'b' },
        limit: 20000,
        only: ['Success', 'Type', 'Message'],
      },
    )
  }
  for (const [key, value] of [
    ['Storage.OnDirectoryInitialize.Exec', '/bin/true'],
    ['DataDir', '/nonexistent'],
    ['Indexing.AllowStringCompilation', 'true'],
    ['Security.UnsecuredAccessAllowed', 'PublicNetwork'],
    ['No.Such.Setting', '1'],
  ] as const)
    for (const as of ['userReadWrite', 'userAdmin'])
      add(`set ${key} as ${as}`, 'PUT', '/databases/alpha/admin/configuration/settings', {
        as,
        body: { [key]: value },
      })
  add('settings set back', 'PUT', '/databases/alpha/admin/configuration/settings', {
    as: 'userAdmin',
    body: {},
  }) // never restarted in between: nothing takes effect
  for (const as of ['none', 'unknown', 'userOther'])
    for (const db of ['alpha', 'nosuch']) {
      add(
        `remote task, ${db}, as ${as}`,
        'GET',
        `/info/remote-task/topology?database=${db}&remote-task=t&groupId=g`,
        { as },
      )
      add(
        `remote task tcp, ${db}, as ${as}`,
        'GET',
        `/info/remote-task/tcp?database=${db}&remote-task=t`,
        { as },
      )
      add(`topology, ${db}, as ${as}`, 'GET', `/topology?name=${db}`, { as })
    }
  for (const as of ['none', 'unknown', 'userOther'])
    for (const path of ['/databases/alpha/docs', '/databases/nosuch/docs'])
      add(`OPTIONS ${path} as ${as}`, 'OPTIONS', path, { as })
  for (const as of ['none', 'unknown'])
    for (const db of ['alpha', 'nosuch'])
      add(`OPTIONS backup of ${db} as ${as}`, 'OPTIONS', `/databases/${db}/admin/backup`, {
        as,
        headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
      })

  return { about: 'reach of database admins, users and strangers in 7.2', steps }
}

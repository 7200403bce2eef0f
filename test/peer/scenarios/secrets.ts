/** Secret keys and encrypted databases. */
import type { Scenario, Step } from '#test/peer/scenario.types.ts'
import { type More, stepList } from './step-list.ts'

const key = Buffer.alloc(32, 7).toString('base64')
const other = Buffer.alloc(32, 9).toString('base64')
const S = '/admin/secrets'
const text = { 'content-type': 'text/plain' }

export function secrets(): Scenario {
  const { add, steps } = stepList()
  const put = (name: string, query: string, body: string, more: More = {}) =>
    add(name, 'POST', `${S}?${query}`, { body, headers: text, ...more })
  for (const as of ['clusterAdmin', 'operator', 'userAdmin', 'none'])
    add(`generate as ${as}`, 'GET', `${S}/generate`, { as })
  add('list keys, empty', 'GET', `${S}?name=secretdb`, { as: 'clusterAdmin' })
  add('list keys as operator', 'GET', `${S}?name=secretdb`, { as: 'operator' })
  add('list keys without name', 'GET', S, { as: 'clusterAdmin' })
  put('put, bad base64', 'name=secretdb', '%%%')
  put('put, 16 bytes', 'name=secretdb', Buffer.alloc(16, 1).toString('base64'))
  put('put, 33 bytes', 'name=secretdb', Buffer.alloc(33, 1).toString('base64'))
  put('put, 64 bytes', 'name=secretdb', Buffer.alloc(64, 1).toString('base64'))
  put('put, empty body', 'name=secretdb', '')
  put('put, no name', '', key)
  put('put, quoted', 'name=secretdb4', JSON.stringify(key))
  put('put as user', 'name=secretdb', key, { as: 'userAdmin' })
  put('put as operator', 'name=secretdb', key, { as: 'operator' })
  put('put the same again', 'name=secretdb', key)
  put('put another', 'name=secretdb', other)
  put('put another with overwrite', 'name=secretdb&overwrite=true', key)
  put('put for an existing plain database', 'name=alpha', key)
  put('put for an existing plain database with overwrite', 'name=alpha&overwrite=true', key)
  put('put with trailing newline', 'name=secretdb3&overwrite=true', `${key}\n`)
  put('put, name in other case', 'name=SECRETDB', other)
  add('list keys after put', 'GET', S, { as: 'clusterAdmin' })
  add('list keys after put as operator', 'GET', S, { as: 'operator' })
  add('list keys after put as user', 'GET', S, { as: 'userAdmin' })
  const make = (name: string, db: string, more: More = {}) =>
    add(name, 'PUT', `/admin/databases?name=${db}&replicationFactor=1`, {
      body: { DatabaseName: db, Encrypted: true, Settings: {} },
      ...more,
    })
  make('create encrypted before its key', 'secretdb2')
  add('get encrypted database without key', 'GET', '/admin/databases?name=secretdb2')
  add('document in encrypted database without key', 'GET', '/databases/secretdb2/docs?id=a')
  make('create encrypted after its key', 'secretdb')
  make('create encrypted as user', 'secretdb4', { as: 'userAdmin' })
  add('record of encrypted database', 'GET', '/admin/databases?name=secretdb')
  add('put in encrypted', 'PUT', '/databases/secretdb/docs?id=a%2F1', { body: { A: 1 } })
  add('get from encrypted', 'GET', '/databases/secretdb/docs?id=a%2F1')
  add('databases list shows IsEncrypted', 'GET', '/databases?name=secretdb', {
    only: ['Name', 'IsEncrypted', 'Disabled', 'IsAdmin'],
  })
  put('put for the live encrypted database', 'name=secretdb', other)
  put(
    'put overwriting the key of the live encrypted database',
    'name=secretdb&overwrite=true',
    other,
  )
  add(
    'get from encrypted after its key was overwritten',
    'GET',
    '/databases/secretdb/docs?id=a%2F1',
  )
  put('put the right key back', 'name=secretdb&overwrite=true', key)
  const dist = (name: string, query: string, body: string, more: More = {}) =>
    add(name, 'POST', `${S}/distribute?${query}`, {
      body,
      headers: { 'content-type': 'text/plain' },
      ...more,
    })
  dist('distribute to this node', 'name=distdb&node=A', key, { as: 'operator' })
  dist('distribute again', 'name=distdb&node=A', key)
  dist('distribute other key', 'name=distdb&node=A', other)
  dist('distribute to unknown node', 'name=distdb&node=Q', key)
  dist('distribute without node', 'name=distdb', key)
  dist('distribute without name', 'node=A', key)
  dist('distribute bad base64', 'name=distdb2&node=A', '%%%')
  dist('distribute wrong length', 'name=distdb2&node=A', 'AAAA')
  dist('distribute as user', 'name=distdb2&node=A', key, { as: 'userAdmin' })
  dist('distribute two nodes in one parameter', 'name=distdb2&node=A&node=Q', key)
  add('list keys at the end', 'GET', S, { as: 'clusterAdmin' })
  add(
    'plain database under a name that has a key: create',
    'PUT',
    '/admin/databases?name=secretdb3',
    { body: { DatabaseName: 'secretdb3', Encrypted: false } },
  )
  add(
    'plain database under a name that has a key: read',
    'GET',
    '/databases/secretdb3/docs?id=a%2F1',
    { wait: 300 },
  )
  add('plain database under a name that has a key: info', 'GET', '/databases?name=secretdb3', {
    shape: true,
  })
  add('clean secretdb3', 'DELETE', '/admin/databases', {
    quiet: true,
    body: { DatabaseNames: ['secretdb3'], HardDelete: true, TimeToWaitForConfirmation: '00:00:15' },
  })
  steps.push(...turnSteps('turned1', true), ...turnSteps('turned2', false))
  add('delete key', 'DELETE', `${S}?name=secretdb3`)
  add('soft delete encrypted', 'DELETE', '/admin/databases', {
    body: { DatabaseNames: ['secretdb'], HardDelete: false, TimeToWaitForConfirmation: '00:00:15' },
  })
  add('list keys after soft delete', 'GET', S, { as: 'clusterAdmin', wait: 500 })
  put('put after soft delete', 'name=secretdb', other)
  put('put after soft delete, same key with overwrite', 'name=secretdb&overwrite=true', key)
  make('recreate over the soft deleted files', 'secretdb')
  add('get after recreate', 'GET', '/databases/secretdb/docs?id=a%2F1')
  add('create plain over encrypted files: delete', 'DELETE', '/admin/databases', {
    body: { DatabaseNames: ['secretdb'], HardDelete: false, TimeToWaitForConfirmation: '00:00:15' },
  })
  add('create plain over encrypted files: create', 'PUT', '/admin/databases?name=secretdb', {
    body: { DatabaseName: 'secretdb', Encrypted: false },
    wait: 500,
  })
  add('create plain over encrypted files: read', 'GET', '/databases/secretdb/docs?id=a%2F1')
  add('hard delete encrypted', 'DELETE', '/admin/databases', {
    body: {
      DatabaseNames: ['secretdb', 'secretdb2'],
      HardDelete: true,
      TimeToWaitForConfirmation: '00:00:15',
    },
  })
  add('list keys after hard delete', 'GET', S, { as: 'clusterAdmin', wait: 500 })

  return { about: 'secret keys and encrypted databases', steps }
}

/** The flag in the record can be turned by sending the record again with its Etag. */
function turnSteps(db: string, first: boolean): Step[] {
  const { add, steps } = stepList()
  if (first) {
    const path = `${S}?name=${db}&overwrite=true`
    add(`turn ${db}: its key`, 'POST', path, { body: key, headers: text })
  }
  add(`turn ${db}: create with Encrypted ${first}`, 'PUT', `/admin/databases?name=${db}`, {
    body: { DatabaseName: db, Encrypted: first },
  })
  add(`turn ${db}: put`, 'PUT', `/databases/${db}/docs?id=a%2F1`, { body: { A: 1 } })
  add(`turn ${db}: record`, 'GET', `/admin/databases?name=${db}`, {
    only: ['DatabaseName', 'Encrypted'],
    capture: { [`${db}Etag`]: 'body.Etag' },
  })
  add(`turn ${db}: send Encrypted ${!first}`, 'PUT', `/admin/databases?name=${db}`, {
    headers: { etag: `"{${db}Etag}"` },
    body: { DatabaseName: db, Encrypted: !first, Topology: { Members: ['A'] } },
  })
  add(`turn ${db}: record afterwards`, 'GET', `/admin/databases?name=${db}`, {
    only: ['DatabaseName', 'Encrypted'],
    wait: 500,
  })
  add(`turn ${db}: read afterwards`, 'GET', `/databases/${db}/docs?id=a%2F1`)
  for (const verb of ['disable', 'enable'])
    add(`turn ${db}: ${verb}`, 'POST', `/admin/databases/${verb}`, {
      quiet: true,
      body: { DatabaseNames: [db] },
    })
  add(`turn ${db}: read after it was loaded again`, 'GET', `/databases/${db}/docs?id=a%2F1`, {
    wait: 500,
  })
  add(`turn ${db}: clean`, 'DELETE', '/admin/databases', {
    quiet: true,
    body: { DatabaseNames: [db], HardDelete: true, TimeToWaitForConfirmation: '00:00:15' },
  })

  return steps
}

/** Certificate fields and routes that 7.2 has and 4.1 has not, and what is left of the holes of 4.1. */
import { systemClock } from '#shared/clock.ts'
import type { Fixtures, Scenario } from '#test/peer/scenario.types.ts'
import { certificatesRoute as A, certificateSteps } from './certificate-steps.ts'
import { tidy } from './registered.ts'

const yearMs = 365.25 * 24 * 3_600_000

/** An instant that many years ahead, so that lifetimes round to the recorded number on every day of the year. */
const inYears = (years: number) => new Date(systemClock.now() + years * yearMs).toISOString()

export function certificates7(fx: Fixtures): Scenario {
  const { add, edit, post, put, steps } = certificateSteps()
  const doc = '/databases/alpha/docs?id=probe%2F1'
  const T = { disable: fx.thumb('lab-up1'), admin: fx.thumb('lab-up3') }
  const user = { SecurityClearance: 'ValidUser', Permissions: { alpha: 'ReadWrite' } }

  // Disabled
  put('disabled: register', () => ({ Name: 'lab-dis', Certificate: fx.der('lab-up1'), ...user }))
  add('disabled: connection opened before', 'GET', doc, { as: 'lab-up1', fresh: true })
  edit('disabled: disable by edit', {
    Name: 'lab-dis',
    Thumbprint: T.disable,
    ...user,
    Disabled: true,
  })
  add('disabled: record', 'GET', `${A}?thumbprint=${T.disable}`)
  add('disabled: open connection', 'GET', doc, { as: 'lab-up1' })
  add('disabled: whoami on the open connection', 'GET', '/certificates/whoami', { as: 'lab-up1' })
  add('disabled: new connection', 'GET', doc, { as: 'lab-up1', fresh: true })
  add('disabled: whoami on a new connection', 'GET', '/certificates/whoami', { as: 'lab-up1' })
  edit('disabled: edit that does not name it', { Name: 'lab-dis2', Thumbprint: T.disable, ...user })
  add('disabled: record after that', 'GET', `${A}?thumbprint=${T.disable}`)
  edit('disabled: enable', { Name: 'lab-dis', Thumbprint: T.disable, ...user, Disabled: false })
  add('disabled: new connection after enabling', 'GET', doc, { as: 'lab-up1', fresh: true })
  edit('disabled: disable again', {
    Name: 'lab-dis',
    Thumbprint: T.disable,
    ...user,
    Disabled: true,
  })
  put('disabled: register it again with Disabled true', () => ({
    Name: 'lab-dis',
    Certificate: fx.der('lab-up1'),
    ...user,
    Disabled: true,
  }))
  add('disabled: record after registering again', 'GET', `${A}?thumbprint=${T.disable}`)
  edit(
    'disabled: operator disables an admin',
    {
      Name: 'lab-clusterAdmin',
      Thumbprint: '{clusterAdminThumb}',
      SecurityClearance: 'ClusterAdmin',
      Permissions: {},
      Disabled: true,
    },
    { as: 'operator' },
  )
  edit(
    'disabled: operator disables itself',
    {
      Name: 'lab-operator',
      Thumbprint: '{operatorThumb}',
      SecurityClearance: 'Operator',
      Permissions: {},
      Disabled: true,
    },
    { as: 'operator' },
  )
  edit('disabled: operator enabled again', {
    Name: 'lab-operator',
    Thumbprint: '{operatorThumb}',
    SecurityClearance: 'Operator',
    Permissions: {},
    Disabled: false,
  })

  // lifetime
  post(
    'lifetime: NotAfter next year',
    { Name: 'lab-life1', ...user, NotAfter: inYears(1) },
    { identity: 'life1' },
  )
  post('lifetime: NotAfter in 60 years', {
    Name: 'lab-life2',
    ...user,
    NotAfter: inYears(59),
  })
  post('lifetime: NotAfter in the past', {
    Name: 'lab-life3',
    ...user,
    NotAfter: '2020-01-01T00:00:00Z',
  })
  post('lifetime: NotAfter is no date', { Name: 'lab-life4', ...user, NotAfter: 'soon' })

  // usage, single sign-on, read-only
  for (const usage of ['Client', 'RavenServer', 'SsoServer', 'SsoClient', 'Emperor'])
    put(`usage ${usage}`, () => ({
      Name: 'lab-usage',
      Certificate: fx.der('lab-up2'),
      ...user,
      Usage: usage,
    }))
  put(
    'usage RavenServer, by operator',
    () => ({ Name: 'lab-usage', Certificate: fx.der('lab-up2'), ...user, Usage: 'RavenServer' }),
    { as: 'operator' },
  )
  add('usage RavenServer: whoami', 'GET', '/certificates/whoami', { as: 'lab-up2', fresh: true })
  add('usage RavenServer: admin route', 'GET', `${A}/mode`, { as: 'lab-up2' })
  for (const usage of ['RavenServer', 'SsoServer', 'SsoClient'])
    post(`generate with usage ${usage}`, { Name: 'lab-usage-g', ...user, Usage: usage })
  const sso = {
    Name: 'lab-sso',
    ...user,
    AllowAnySsoServer: true,
    SsoIdentifiers: [{ Provider: 'GitHub', Identifier: 'bob' }],
  }
  for (const as of ['clusterAdmin', 'operator', 'userAdmin'])
    add(`sso user as ${as}`, 'PUT', `${A}/sso/user`, { as, body: sso })
  for (const as of ['clusterAdmin', 'operator'])
    add(
      `sso server fetch as ${as}`,
      'GET',
      `${A}/sso/server/fetch?url=https%3A%2F%2Flocalhost%3A1%2F`,
      { as },
    )
  put('read-only level', () => ({
    Name: 'lab-read',
    Certificate: fx.der('lab-up2'),
    SecurityClearance: 'ValidUser',
    Permissions: { alpha: 'Read' },
  }))

  // other new routes
  for (const as of ['clusterAdmin', 'operator', 'userAdmin'])
    for (const [method, path] of [
      ['GET', '/2fa/generate'],
      ['GET', '/for-communication/export'],
      ['GET', '/letsencrypt/renewal-date'],
      ['DELETE', '/local-state'],
      ['POST', '/local-state/apply'],
    ] as const)
      add(`${method} ${path} as ${as}`, method, `${A}${path}`, { as, shape: true })
  for (const as of ['userAdmin', 'operator']) add(`purge as ${as}`, 'DELETE', `${A}/purge`, { as })
  add('list by name, other case', 'GET', `${A}?name=LAB-OPERATOR&start=0&pageSize=10`, {
    shape: true,
    count: 'Results',
  })
  add(
    'list metadataOnly by name',
    'GET',
    `${A}?metadataOnly=true&name=lab-operator&start=0&pageSize=10`,
    { count: 'Results' },
  )
  add('public secrets/generate as user', 'GET', '/secrets/generate', { as: 'userOther' })

  // what is left of the holes of 4.1
  put('missing clearance with permissions', () => ({
    Name: 'lab-none',
    Certificate: fx.der('lab-up2'),
    Permissions: { alpha: 'ReadWrite' },
  }))
  add('missing clearance with permissions: read', 'GET', doc, { as: 'lab-up2', fresh: true })
  add('missing clearance with permissions: write', 'PUT', '/databases/alpha/docs?id=probe%2F7', {
    as: 'lab-up2',
    body: { A: 1 },
  })
  put('deleted admin: register', () => ({
    Name: 'lab-adm',
    Certificate: fx.der('lab-up3'),
    SecurityClearance: 'ClusterAdmin',
    Permissions: {},
  }))
  add('deleted admin: opens a connection', 'GET', `${A}/mode`, { as: 'lab-up3', fresh: true })
  add('deleted admin: delete', 'DELETE', `${A}?thumbprint=${T.admin}`)
  add('deleted admin: admin route on its open connection', 'GET', `${A}/mode`, { as: 'lab-up3' })
  put(
    'deleted admin: registers another admin',
    () => ({
      Name: 'lab-adm2',
      Certificate: fx.der('lab-up4'),
      SecurityClearance: 'ClusterAdmin',
      Permissions: {},
    }),
    { as: 'lab-up3' },
  )
  add('deleted admin: new connection', 'GET', `${A}/mode`, { as: 'lab-up3', fresh: true })
  add('key beside a PFX with password', 'POST', A, {
    body: { Name: 'lab-pw', ...user, Password: 'secret' },
  })
  post('name that leaves a folder', { Name: '../../lab-up', ...user })
  post('name with line break', { Name: 'lab-a\r\nX-Lab: 1', ...user })

  steps.push(tidy(/lab-(dis|life|usage|none|adm|pw|up|a\r)/))
  return { about: 'certificate fields and routes of 7.2', steps }
}

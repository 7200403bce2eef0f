/** Generating certificates: names, clearances, permissions, bodies, and who may. */
import type { Step } from '#test/peer/scenario.types.ts'
import { certificateSteps } from './certificate-steps.ts'

export function generateSteps(): Step[] {
  const { post, one, get, steps } = certificateSteps()
  post(
    'generate, no password',
    { Name: 'lab-g1', SecurityClearance: 'ValidUser', Permissions: { alpha: 'ReadWrite' } },
    { identity: 'g1' },
  )
  one('generated record', '{g1Thumb}')
  one('generated record, lower-case thumbprint', '{g1ThumbLower}')
  post(
    'generate, with password',
    { Name: 'lab-g2', SecurityClearance: 'ValidUser', Permissions: {}, Password: 'secret' },
    { identity: 'g2' },
  )
  one('record of the one with password', '{g2Thumb}')
  post('generate, unknown clearance', {
    Name: 'lab-g3',
    SecurityClearance: 'Emperor',
    Permissions: {},
  })
  post(
    'generate, clearance in lower case',
    { Name: 'lab-g3b', SecurityClearance: 'validuser', Permissions: {} },
    { identity: 'g3b' },
  )
  one('record of lower-case clearance', '{g3bThumb}')
  post('generate, missing name', { SecurityClearance: 'ValidUser', Permissions: {} })
  post('generate, empty name', { Name: '', SecurityClearance: 'ValidUser', Permissions: {} })
  post('generate, missing clearance', { Name: 'lab-g4', Permissions: {} }, { identity: 'g4' })
  one('record of missing clearance', '{g4Thumb}')
  for (const path of [
    '/certificates/whoami',
    '/databases',
    '/build/version',
    '/databases/alpha/docs?id=probe%2F1',
    '/admin/certificates?start=0&pageSize=1',
  ])
    steps.push({ name: `missing clearance: ${path}`, as: 'g4', path })
  post(
    'generate, permissions null',
    { Name: 'lab-g5', SecurityClearance: 'ValidUser', Permissions: null },
    { identity: 'g5' },
  )
  post(
    'generate, permissions absent',
    { Name: 'lab-g6', SecurityClearance: 'ValidUser' },
    { identity: 'g6' },
  )
  one('record of permissions absent', '{g6Thumb}')
  post('generate, permission level unknown', {
    Name: 'lab-g7',
    SecurityClearance: 'ValidUser',
    Permissions: { alpha: 'Owner' },
  })
  post('generate, permission level Read', {
    Name: 'lab-g8',
    SecurityClearance: 'ValidUser',
    Permissions: { alpha: 'Read' },
  })
  post(
    'generate, database in odd case',
    { Name: 'lab-g9', SecurityClearance: 'ValidUser', Permissions: { aLPHa: 'ReadWrite' } },
    { identity: 'g9' },
  )
  one('record of database in odd case', '{g9Thumb}')
  get('g9', 'odd case permission reads alpha', '/databases/alpha/docs?id=probe%2F1')
  post(
    'generate, unknown database',
    { Name: 'lab-g10', SecurityClearance: 'ValidUser', Permissions: { nosuch: 'ReadWrite' } },
    { identity: 'g10' },
  )
  post(
    'generate, permissions on an admin',
    { Name: 'lab-g11', SecurityClearance: 'Operator', Permissions: { alpha: 'ReadWrite' } },
    { identity: 'g11' },
  )
  one('record of permissions on an operator', '{g11Thumb}')
  post('generate, bad database name', {
    Name: 'lab-g12',
    SecurityClearance: 'ValidUser',
    Permissions: { 'a/b*c': 'ReadWrite' },
  })
  post('generate, clearance ClusterNode', {
    Name: 'lab-g13',
    SecurityClearance: 'ClusterNode',
    Permissions: {},
  })
  post(
    'generate, clearance UnauthenticatedClients with permissions',
    {
      Name: 'lab-g15',
      SecurityClearance: 'UnauthenticatedClients',
      Permissions: { alpha: 'Admin' },
    },
    { identity: 'g15' },
  )
  get('g15', 'UnauthenticatedClients with permissions reads', '/databases/alpha/docs?id=probe%2F1')
  post('generate, clearance UnauthenticatedClients', {
    Name: 'lab-g14',
    SecurityClearance: 'UnauthenticatedClients',
    Permissions: {},
  })
  post('generate, odd characters in name', {
    Name: 'lab-x y/ä,CN=z',
    SecurityClearance: 'ValidUser',
    Permissions: {},
  })
  post('generate, same name again', {
    Name: 'lab-g1',
    SecurityClearance: 'ValidUser',
    Permissions: {},
  })
  post('generate, bad JSON', '{"Name":')
  post(
    'generate, form content type',
    '{"Name":"lab-form","SecurityClearance":"ValidUser","Permissions":{}}',
    { headers: { 'content-type': 'application/x-www-form-urlencoded' } },
  )
  post(
    'generate, text content type',
    '{"Name":"lab-text","SecurityClearance":"ValidUser","Permissions":{}}',
    { headers: { 'content-type': 'text/plain' } },
  )
  post(
    'operator generates admin',
    { Name: 'lab-o1', SecurityClearance: 'ClusterAdmin', Permissions: {} },
    { as: 'operator' },
  )
  post(
    'operator generates operator',
    { Name: 'lab-o2', SecurityClearance: 'Operator', Permissions: {} },
    { as: 'operator', identity: 'o2' },
  )
  post(
    'operator generates user',
    { Name: 'lab-o3', SecurityClearance: 'ValidUser', Permissions: { alpha: 'Admin' } },
    { as: 'operator', identity: 'o3' },
  )
  post(
    'operator generates without clearance',
    { Name: 'lab-o4', Permissions: {} },
    { as: 'operator' },
  )
  post(
    'user generates',
    { Name: 'lab-u1', SecurityClearance: 'ValidUser', Permissions: {} },
    { as: 'userAdmin' },
  )

  return steps
}

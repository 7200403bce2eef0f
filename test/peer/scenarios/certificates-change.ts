/** Editing and deleting certificates, with the effect on connections that are open. */
import type { Step } from '#test/peer/scenario.types.ts'
import { certificatesRoute as A, certificateSteps } from './certificate-steps.ts'

export function changeSteps(): Step[] {
  const { add, edit, one, del, get, steps } = certificateSteps()
  get('g1', 'before edit', '/databases/alpha/docs?id=probe%2F1')
  edit('edit name and permissions', () => ({
    Thumbprint: '{g1Thumb}',
    Name: 'lab-g1-new',
    SecurityClearance: 'ValidUser',
    Permissions: { beta: 'Admin' },
  }))
  one('record after edit', '{g1Thumb}')
  get('g1', 'after edit, open connection, lost right', '/databases/alpha/docs?id=probe%2F1')
  get('g1', 'after edit, open connection, gained right', '/databases/beta/docs?id=probe%2F1')
  get('g1', 'after edit, new connection, lost right', '/databases/alpha/docs?id=probe%2F1', {
    fresh: true,
  })
  get('g1', 'after edit, new connection, gained right', '/databases/beta/docs?id=probe%2F1')
  edit('edit clearance up', {
    Thumbprint: '{g1Thumb}',
    Name: 'lab-g1',
    SecurityClearance: 'ClusterAdmin',
    Permissions: {},
  })
  edit('edit clearance down', {
    Thumbprint: '{g1Thumb}',
    Name: 'lab-g1',
    SecurityClearance: 'ValidUser',
    Permissions: {},
  })
  edit(
    'edit own certificate down',
    { Thumbprint: '{g11Thumb}', Name: 'lab-g11', SecurityClearance: 'ValidUser', Permissions: {} },
    { as: 'g11' },
  )
  edit('edit with permissions null', {
    Thumbprint: '{g1Thumb}',
    Name: 'lab-g1',
    SecurityClearance: 'ValidUser',
    Permissions: null,
  })
  edit('edit without name', {
    Thumbprint: '{g1Thumb}',
    SecurityClearance: 'ValidUser',
    Permissions: {},
  })
  edit('edit without clearance', { Thumbprint: '{g1Thumb}', Name: 'lab-g1', Permissions: {} })
  one('record after edit without clearance', '{g1Thumb}')
  edit('edit unknown thumbprint', {
    Thumbprint: 'AABBCC',
    Name: 'lab-n',
    SecurityClearance: 'ValidUser',
    Permissions: {},
  })
  edit('edit without thumbprint', {
    Name: 'lab-n',
    SecurityClearance: 'ValidUser',
    Permissions: {},
  })
  edit('edit the server certificate', {
    Thumbprint: '{serverThumb}',
    Name: 'lab-n',
    SecurityClearance: 'ValidUser',
    Permissions: {},
  })
  edit(
    'operator edits admin',
    {
      Thumbprint: '{clusterAdminThumb}',
      Name: 'lab-clusterAdmin',
      SecurityClearance: 'ClusterAdmin',
      Permissions: {},
    },
    { as: 'operator' },
  )
  edit(
    'operator lowers admin',
    {
      Thumbprint: '{clusterAdminThumb}',
      Name: 'lab-clusterAdmin',
      SecurityClearance: 'ValidUser',
      Permissions: {},
    },
    { as: 'operator' },
  )
  edit(
    'operator raises user to admin',
    { Thumbprint: '{o3Thumb}', Name: 'lab-o3', SecurityClearance: 'ClusterAdmin', Permissions: {} },
    { as: 'operator' },
  )
  edit(
    'operator edits user',
    { Thumbprint: '{o3Thumb}', Name: 'lab-o3', SecurityClearance: 'Operator', Permissions: {} },
    { as: 'operator' },
  )
  edit(
    'user edits itself',
    {
      Thumbprint: '{userAdminThumb}',
      Name: 'lab-userAdmin',
      SecurityClearance: 'ClusterAdmin',
      Permissions: {},
    },
    { as: 'userAdmin' },
  )

  // delete
  del('delete unknown thumbprint', 'AABBCC')
  add('delete without thumbprint', 'DELETE', A)
  del('delete the server certificate', '{serverThumb}')
  del('admin deletes the server certificate', '{serverThumb}', { as: 'clusterAdmin' })
  get('server', 'server certificate afterwards', '/certificates/whoami', { fresh: true })
  del('admin deletes itself', '{clusterAdminThumb}', { as: 'clusterAdmin' })
  del('delete another operator', '{g11Thumb}', { as: 'operator' })
  del('operator deletes itself', '{operatorThumb}', { as: 'operator' })
  del('operator deletes admin', '{clusterAdminThumb}', { as: 'operator' })
  del('operator deletes operator', '{o2Thumb}', { as: 'operator' })
  get('o2', 'deleted certificate on its open connection', '/certificates/whoami')
  del('user deletes', '{g1Thumb}', { as: 'userAdmin' })
  del('delete g1', '{g1Thumb}')
  del('delete g1 again', '{g1Thumb}')
  get('g1', 'revocation on the same open connection', '/databases/beta/docs?id=probe%2F1')

  get('g1', 'revocation on the same open connection, whoami', '/certificates/whoami')
  get('g1', 'revocation on a new connection', '/databases/beta/docs?id=probe%2F1', { fresh: true })

  return steps
}

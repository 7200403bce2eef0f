/** Registering certificates: forms of the certificate, its record, and who may. */
import type { Fixtures, Step } from '#test/peer/scenario.types.ts'
import { certificateSteps } from './certificate-steps.ts'

export function registerSteps(fx: Fixtures): Step[] {
  const { put, one, del, post, get, steps } = certificateSteps()
  put('register DER base64', () => ({
    Name: 'lab-up1',
    Certificate: fx.der('lab-up1'),
    SecurityClearance: 'ValidUser',
    Permissions: { alpha: 'ReadWrite' },
  }))
  get('lab-up1', 'registered certificate works at once', '/certificates/whoami')
  put('register the same again', () => ({
    Name: 'lab-up1-again',
    Certificate: fx.der('lab-up1'),
    SecurityClearance: 'Operator',
    Permissions: {},
  }))
  one('record after registering twice', fx.thumb('lab-up1'))
  put('register PEM text', () => ({
    Name: 'lab-pem',
    Certificate: fx.pem('lab-up2'),
    SecurityClearance: 'ValidUser',
    Permissions: {},
  }))
  put('register PEM file in base64', () => ({
    Name: 'lab-up2',
    Certificate: fx.pem64('lab-up2'),
    SecurityClearance: 'ValidUser',
    Permissions: {},
  }))
  one('record of PEM file in base64', fx.thumb('lab-up2'))
  put('register PFX without password', async () => ({
    Name: 'lab-up3',
    Certificate: await fx.pfx('lab-up3', ''),
    SecurityClearance: 'ValidUser',
    Permissions: { beta: 'ReadWrite' },
  }))
  one('record of PFX', fx.thumb('lab-up3'))
  put('register PFX with its password', async () => ({
    Name: 'lab-up4',
    Certificate: await fx.pfx('lab-up4', 'pw'),
    Password: 'pw',
    SecurityClearance: 'ValidUser',
    Permissions: {},
  }))
  put('register PFX with a wrong password', async () => ({
    Name: 'lab-up4',
    Certificate: await fx.pfx('lab-up4', 'pw'),
    Password: 'no',
    SecurityClearance: 'ValidUser',
    Permissions: {},
  }))
  put('register PFX with password missing', async () => ({
    Name: 'lab-up4',
    Certificate: await fx.pfx('lab-up4', 'pw'),
    SecurityClearance: 'ValidUser',
    Permissions: {},
  }))
  put('register PFX holding two certificates', async () => ({
    Name: 'lab-coll',
    Certificate: await fx.pfx('lab-up5', '', 'lab-up6'),
    SecurityClearance: 'ValidUser',
    Permissions: { alpha: 'ReadWrite' },
  }))
  one('record of the collection, key holder', fx.thumb('lab-up5'))
  one('record of the collection, other member', fx.thumb('lab-up6'))
  get('lab-up6', 'other member of the collection is trusted', '/certificates/whoami')
  del('delete one member of the collection', fx.thumb('lab-up6'))
  get('lab-up5', 'key holder after its companion was deleted', '/certificates/whoami')
  get('lab-up6', 'deleted member of the collection, open connection', '/certificates/whoami')
  get('lab-up6', 'deleted member of the collection, new connection', '/certificates/whoami', {
    fresh: true,
  })
  del('delete the other member', fx.thumb('lab-up5'))
  put('register an EC certificate', () => ({
    Name: 'lab-ec',
    Certificate: fx.der('lab-ec'),
    SecurityClearance: 'ValidUser',
    Permissions: {},
  }))
  get('lab-ec', 'EC certificate is let in', '/certificates/whoami')
  put('register garbage', {
    Name: 'lab-bad',
    Certificate: 'AAAA',
    SecurityClearance: 'ValidUser',
    Permissions: {},
  })
  put('register text that is not base64', {
    Name: 'lab-bad',
    Certificate: '%%%',
    SecurityClearance: 'ValidUser',
    Permissions: {},
  })
  put('register without certificate', {
    Name: 'lab-bad',
    SecurityClearance: 'ValidUser',
    Permissions: {},
  })
  put('register without name', () => ({
    Certificate: fx.der('lab-up4'),
    SecurityClearance: 'ValidUser',
    Permissions: {},
  }))
  put('register the server certificate', () => ({
    Name: 'lab-srv',
    Certificate: fx.serverDer,
    SecurityClearance: 'ValidUser',
    Permissions: {},
  }))
  put('register without clearance', () => ({
    Name: 'lab-up4',
    Certificate: fx.der('lab-up4'),
    Permissions: {},
  }))
  one('record of register without clearance', fx.thumb('lab-up4'))
  put(
    'operator registers admin',
    () => ({
      Name: 'lab-oa',
      Certificate: fx.der('lab-unknown'),
      SecurityClearance: 'ClusterAdmin',
      Permissions: {},
    }),
    { as: 'operator' },
  )
  put('admin raises the record by registering again', () => ({
    Name: 'lab-up4',
    Certificate: fx.der('lab-up4'),
    SecurityClearance: 'ClusterAdmin',
    Permissions: {},
  }))
  put(
    'operator overwrites an admin record',
    () => ({
      Name: 'lab-up4',
      Certificate: fx.der('lab-up4'),
      SecurityClearance: 'ValidUser',
      Permissions: {},
    }),
    { as: 'operator' },
  )
  one('record after the operator wrote over it', fx.thumb('lab-up4'))
  put(
    'operator registers ClusterNode',
    () => ({
      Name: 'lab-on',
      Certificate: fx.der('lab-up4'),
      SecurityClearance: 'ClusterNode',
      Permissions: {},
    }),
    { as: 'operator' },
  )
  get('lab-up4', 'ClusterNode made by an operator: whoami', '/certificates/whoami', { fresh: true })
  get('lab-up4', 'ClusterNode made by an operator: admin route', '/admin/certificates/mode')
  post(
    'operator generates ClusterNode',
    { Name: 'lab-o5', SecurityClearance: 'ClusterNode', Permissions: {} },
    { as: 'operator', identity: 'o5' },
  )
  get('o5', 'ClusterNode generated by an operator: admin route', '/admin/certificates/mode')
  put(
    'user registers',
    () => ({
      Name: 'lab-ua',
      Certificate: fx.der('lab-unknown'),
      SecurityClearance: 'ValidUser',
      Permissions: {},
    }),
    { as: 'userAdmin' },
  )

  return steps
}

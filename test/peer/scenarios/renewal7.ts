/**
 * Implicit registration by public key: a certificate under the key of a registered one is let in and registered.
 * "private": the server cannot build the chain of the registered one, "trusted": it can.
 */
import type { Fixtures, Making, Scenario } from '#test/peer/scenario.types.ts'
import { certificatesRoute as A, certificateSteps } from './certificate-steps.ts'
import { tidy } from './registered.ts'

export async function renewal7(fx: Fixtures): Promise<Scenario> {
  const { add, steps, ...certificates } = certificateSteps()
  const doc = '/databases/alpha/docs?id=probe%2F1'
  const user = { SecurityClearance: 'ValidUser', Permissions: { alpha: 'ReadWrite' } }
  const put = (name: string, cert: string, more = {}) =>
    certificates.put(name, () => ({ Name: 'lab-pin', Certificate: fx.der(cert), ...user, ...more }))
  const edit = (name: string, cert: string, more: object) =>
    certificates.edit(name, { Name: 'lab-pin', Thumbprint: fx.thumb(cert), ...user, ...more })
  const list = (name: string, needs: string[] = []) =>
    add(name, 'GET', `${A}?metadataOnly=true&name=lab-pin&start=0&pageSize=100`, {
      shape: true,
      count: 'Results',
      wait: 500,
      needs,
    })
  const wipe = () => steps.push(tidy(/^lab-(pin|own)/))
  const reads = (name: string, as: string, needs: string[] = []) =>
    add(name, 'GET', doc, { as, fresh: true, needs })
  // private issuer
  await Promise.all([
    fx.make('lab-ca1', { ca: true }),
    fx.make('lab-ca2', { ca: true }),
    fx.make('lab-ca1-forged', { ca: true, cn: 'lab-ca1' }),
  ])

  await fx.make('lab-p1', { issuer: 'lab-ca1' })
  const renewed: Record<string, Making> = {
    'same issuer': { issuer: 'lab-ca1' },
    'another issuer': { issuer: 'lab-ca2' },
    'an issuer of the same name': { issuer: 'lab-ca1-forged' },
    'signed by itself': {},
  }
  for (const [i, [text, how]] of Object.entries(renewed).entries()) {
    await fx.make(`lab-p1-${i}`, { key: 'lab-p1', ...how })
    wipe()
    put(`private, ${text}: register the old one`, 'lab-p1')
    reads(`private, ${text}: new one reads`, `lab-p1-${i}`)
    add(`private, ${text}: whoami of the new one`, 'GET', '/certificates/whoami', {
      as: `lab-p1-${i}`,
      until: ({ status }) => status === 200,
    }) // 204 until it is registered, which happens behind the scenes
    list(`private, ${text}: list`)
  }
  // which rights, after edit, disable, delete, expiry
  wipe()
  put('siblings: register', 'lab-p1')
  reads('siblings: second one', 'lab-p1-3')
  edit('siblings: rights of the first taken away', 'lab-p1', { Permissions: {} })
  reads('siblings: first one after that', 'lab-p1')
  reads('siblings: second one after that', 'lab-p1-3')
  add('siblings: delete the first', 'DELETE', `${A}?thumbprint=${fx.thumb('lab-p1')}`)
  reads('siblings: deleted first one comes back', 'lab-p1')
  list('siblings: list')
  wipe()
  put('disabled: register', 'lab-p1')
  edit('disabled: disable', 'lab-p1', { Disabled: true })
  reads('disabled: renewed one', 'lab-p1-0')
  list('disabled: list')
  await fx.make('lab-old', { expired: true })
  await fx.make('lab-old-new', { key: 'lab-old' })
  wipe()
  put('expired: register', 'lab-old')
  reads('expired: itself', 'lab-old')
  reads('expired: renewed by its holder', 'lab-old-new')
  list('expired: list')
  wipe()
  put('admin: register', 'lab-p1', { SecurityClearance: 'ClusterAdmin', Permissions: {} })
  add('admin: renewed one', 'GET', `${A}/mode`, { as: 'lab-p1-3', fresh: true })
  list('admin: list')
  wipe()
  put('two-factor: register', 'lab-p1', {
    TwoFactorAuthenticationKey: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
  })
  const needs = ['two-factor: register']
  reads('two-factor: itself', 'lab-p1', needs)
  reads('two-factor: renewed one', 'lab-p1-3', needs)
  list('two-factor: list', needs)
  wipe()
  add('unknown whoami before', 'GET', '/certificates/whoami', { as: 'lab-p1-3', fresh: true })
  // trusted issuer: needs the key of the issuer of the server certificate
  if (fx.hasServerCa) {
    await fx.make('lab-t1', { issuer: 'server' })
    await fx.make('lab-t2', { key: 'lab-t1', issuer: 'server' })
    await fx.make('lab-t3', { key: 'lab-t1', issuer: 'lab-ca1' })
    await fx.make('lab-t4', { key: 'lab-t1' })
    for (const [text, cert] of [
      ['same issuer', 'lab-t2'],
      ['another issuer', 'lab-t3'],
      ['signed by itself', 'lab-t4'],
    ] as const) {
      wipe()
      put(`trusted, ${text}: register the old one`, 'lab-t1')
      reads(`trusted, ${text}: new one reads`, cert)
      list(`trusted, ${text}: list`)
    }
    wipe()
    put('trusted: register the one of a private issuer', 'lab-t3')
    reads('trusted: renewed by the trusted issuer', 'lab-t2')
  }
  wipe()

  return { about: 'implicit registration by public key and issuer', steps }
}

/**
 * What 4.1 lets an admin do to it and that spoils the server: replacing its certificate with unsuitable ones, and database
 * names that leave the folder of databases. Never delete those with HardDelete: 4.1 then removes the whole data folder.
 */
import type { Fixtures, Scenario } from '#test/peer/scenario.types.ts'
import { stepList } from './step-list.ts'

const route = '/admin/certificates'

export function dangerous(fx: Fixtures): Scenario {
  const { add, steps } = stepList()
  for (const name of ['.', '..']) {
    const body = { DatabaseNames: [name], HardDelete: false, TimeToWaitForConfirmation: '00:00:15' }
    add(`create <${name}>`, 'PUT', `/admin/databases?name=${name}`, {
      body: { DatabaseName: name },
    })
    add(`soft delete <${name}>`, 'DELETE', '/admin/databases', { body })
  }
  const replace = (what: string, certificate: () => string | Promise<string>) => {
    const body = async () => ({ Name: 'lab-r', Certificate: await certificate() })
    add(`replace: ${what}`, 'POST', `${route}/replace-cluster-cert`, { body })
    add(`status after: ${what}`, 'GET', `${route}/replacement/status`, { wait: 1000 })
    add(`reset after: ${what}`, 'POST', `${route}/replacement/reset`)
    add(`status after reset: ${what}`, 'GET', `${route}/replacement/status`, { wait: 500 })
  }
  replace('public part only', () => fx.der('lab-up1'))
  replace('wrong host name, self-signed', () => fx.pfx('lab-up1', ''))
  return {
    danger: true,
    about: 'replacement by a certificate that cannot work; database names . and ..',
    as: 'clusterAdmin',
    steps,
  }
}

/** Replacing the server certificate by one that 7.2 takes though no client can trust it. The last thing to do with a server. */
import type { Fixtures, Scenario } from '#test/peer/scenario.types.ts'
import { stepList } from './step-list.ts'

const route = '/admin/certificates/replace-cluster-cert'

export async function dangerous7(fx: Fixtures): Promise<Scenario> {
  const usages = ['serverAuth', 'clientAuth'] as const
  await fx.make('lab-elsewhere', { cn: 'elsewhere.example', usages })
  await fx.make('lab-past', { cn: 'localhost', usages, expired: true })
  const { add, steps } = stepList()
  const replace = (name: string, certificate: string) => {
    const body = async () => ({ Name: 'lab-r', Certificate: await fx.pfx(certificate, '') })
    add(name, 'POST', route, { body })
  }
  const alive = (name: string, wait: number, needs: readonly string[]) =>
    add(name, 'GET', '/setup/alive', { as: 'none', fresh: true, wait, needs })
  replace('replace: expired', 'lab-past')
  alive('after expired', 2000, ['replace: expired'])
  replace('replace: another host, self-signed', 'lab-elsewhere')
  alive('after another host', 3000, ['replace: another host, self-signed'])
  return {
    danger: true,
    about: 'replacement by a certificate for another host',
    as: 'clusterAdmin',
    steps,
  }
}

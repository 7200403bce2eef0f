/** Set-up: cleans what an earlier run left, makes two databases and one certificate for each identity. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Chore, Fixtures, RequestStep, Scenario } from '#test/peer/scenario.types.ts'
import { removeRegistered } from './registered.ts'

const leftDatabases = [
  ...['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'Mixed.Case', 'docs1', 'queries1', 'beta2'],
  ...['secretdb', 'secretdb2', 'secretdb3', 'secretdb4', 'turned1', 'turned2'],
]

const cleanUp: Chore = {
  name: 'clean up',
  run: async (ask) => {
    await removeRegistered(ask, /^(lab-|x|$)/)
    for (const name of leftDatabases) {
      const body = {
        DatabaseNames: [name],
        HardDelete: true,
        TimeToWaitForConfirmation: '00:00:15',
      }
      await ask({ as: 'server', method: 'DELETE', path: '/admin/databases', body })
    }
    await sleep(1000)
  },
}

function issue(
  identity: string,
  clearance: string,
  permissions: Record<string, string>,
): RequestStep {
  return {
    name: `issue ${identity}`,
    method: 'POST',
    path: '/admin/certificates',
    identity,
    body: {
      Name: `lab-${identity}`,
      SecurityClearance: clearance,
      Permissions: permissions,
      Password: '',
    },
  }
}

export function setup(fx: Fixtures): Scenario {
  const probe = { Name: 'probe', '@metadata': { '@collection': 'Probes' } }
  return {
    about: 'databases alpha and beta; one certificate for each identity',
    steps: [
      cleanUp,
      {
        name: 'create alpha',
        method: 'PUT',
        path: '/admin/databases?name=alpha&replicationFactor=1',
        body: { DatabaseName: 'alpha', Settings: {}, Disabled: false, Encrypted: false },
      },
      {
        name: 'create beta',
        method: 'PUT',
        path: '/admin/databases?name=beta&replicationFactor=1',
        body: { DatabaseName: 'beta' },
      },
      issue('clusterAdmin', 'ClusterAdmin', {}),
      issue('operator', 'Operator', {}),
      issue('userAdmin', 'ValidUser', { alpha: 'Admin' }),
      issue('userReadWrite', 'ValidUser', { alpha: 'ReadWrite' }),
      issue('userOther', 'ValidUser', { beta: 'ReadWrite' }),
      {
        name: 'register an expired certificate',
        method: 'PUT',
        path: '/admin/certificates',
        body: {
          Name: 'lab-expired',
          Certificate: fx.der('lab-expired'),
          SecurityClearance: 'ClusterAdmin',
          Permissions: {},
        },
      },
      {
        name: 'first document',
        as: 'userReadWrite',
        method: 'PUT',
        path: '/databases/alpha/docs?id=probe%2F1',
        body: probe,
      },
      {
        name: 'first document of beta',
        as: 'userOther',
        method: 'PUT',
        path: '/databases/beta/docs?id=probe%2F1',
        body: probe,
      },
    ],
  }
}

/** An order against the lab's CA that gets stuck, and what a person is shown of it then. */
import { generateKeyPairSync } from 'node:crypto'
import { reportOf } from '#cli/cluster/report.ts'
import { reportText } from '#cli/cluster/report-text.ts'
import { apiVersion } from '#operator/api/common.ts'
import type { Strongroom } from '#operator/api/strongroom.ts'
import { advance } from '#shared/acme/advance.ts'
import type { Means } from '#shared/acme/advance.types.ts'
import { httpsAcme } from '#shared/acme/https-acme.ts'
import type { OrderState } from '#shared/acme/order-state.ts'
import type { Solver } from '#shared/acme/solver.ts'
import type { AcmeLab } from './acme-lab.ts'

export interface Stuck {
  readonly lab: Pick<AcmeLab, 'directoryUrl' | 'trust'>
  readonly name: string
  readonly solver: Solver
  /** Done once the account is there. */
  readonly before?: () => Promise<unknown>
}

/** More acts than any order takes; each that has to wait is done as if the time had passed. */
const actsMax = 60

/** `kubectl strongroom status`, at the first act after which something stands in the way. Throws where nothing does. */
export async function statusOfStuck({ lab, name, solver, before }: Stuck): Promise<string> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const clock = { ahead: 0, now: () => Date.now() + clock.ahead }
  const { directoryUrl, trust } = lab
  const api = httpsAcme({ directoryUrl, trust, accountKey: privateKey, now: clock.now })
  try {
    await api.newAccount({ contact: [] })
    await before?.()
    const means: Means = {
      api,
      solverFor: (_, offered) => (offered.includes(solver.type) ? solver : undefined),
      csr: () => Promise.reject(new Error('no order gets that far')),
      accept: () => undefined,
      now: clock.now,
      random: () => 0.5,
    }
    let state: OrderState | undefined
    for (let act = 0; act < actsMax; act += 1) {
      const { againAt, ...next } = await advance(state, { names: [name] }, means)
      state = next.state
      if (state.problem !== undefined) return statusText(state, name)
      clock.ahead += Math.max(0, againAt - clock.now())
    }
    throw new Error(`Nothing stood in the way: ${JSON.stringify(state)}`)
  } finally {
    api.close()
  }
}

/** What `kubectl strongroom status vault` prints of a Strongroom in the middle of that order. */
function statusText(order: OrderState, host: string): string {
  const vault: Strongroom = {
    apiVersion,
    kind: 'Strongroom',
    metadata: { name: 'vault', namespace: 'default' },
    spec: {
      members: 1,
      storage: { size: '1Gi' },
      exposure: { host },
      tls: { server: { issuerRef: { name: 'letsencrypt' } } },
    },
    status: { order },
  }
  return reportText(reportOf({ strongrooms: [vault], certificates: [], issuers: [] }), Date.now())
}

/**
 * Proves names by TLS-ALPN-01 (RFC 8737): every member of the cluster shows the proof, since whoever asks the name may come to any of them. They
 * keep it in memory, and forget it by themselves after ten minutes.
 */
import type { Admin } from '#operator/admin/admin.ts'
import type { Challenge, Solver } from '#shared/acme/solver.ts'

export interface TlsAlpn01Means {
  /** Of each pod of the cluster that is there; one that has no address yet throws when it is asked. */
  readonly members: () => readonly { readonly name: string; readonly admin: Admin | undefined }[]
  /** How many there should be. */
  readonly wanted: number
}

/** A solver for the names of one cluster. */
export function tlsAlpn01Solver({ members, wanted }: TlsAlpn01Means): Solver {
  const everywhere = async (act: (admin: Admin) => Promise<void>): Promise<void> => {
    await Promise.all(members().map(({ name, admin }) => act(admin ?? away(name))))
  }
  return {
    type: 'tls-alpn-01',
    label: 'tls-alpn-01',
    present: async ({ name, keyAuthorization }: Challenge) => {
      const count = members().length
      if (count < wanted) throw new Error(`${count} of ${wanted} members are there to answer`)
      await everywhere((admin) => admin.presentChallenge(name, keyAuthorization))
    },
    // Each member answered that it shows it. Whether the CA's way leads to them is not seen from here.
    check: () => Promise.resolve(undefined),
    cleanUp: ({ name }: Challenge) => everywhere((admin) => admin.withdrawChallenge(name)),
  }
}

function away(name: string): never {
  throw new Error(`member ${name} has no address yet`)
}

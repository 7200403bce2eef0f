/** TLS-ALPN-01 by the listener of this very server: see server/tls/challenge-door.ts. */
import type { Challenges } from '#server/tls/challenges.ts'
import type { Challenge, Solver } from '#shared/acme/solver.ts'

export function tlsAlpn01Solver(challenges: Pick<Challenges, 'present' | 'withdraw'>): Solver {
  const present = ({ name, keyAuthorization }: Challenge) =>
    challenges.present({ name, keyAuthorization })
  return {
    type: 'tls-alpn-01',
    present,
    // Only this process answers there. One that was killed since forgot what it had been told.
    check: async (challenge) => void (await present(challenge)),
    cleanUp: ({ name }) => Promise.resolve(void challenges.withdraw(name)),
  }
}

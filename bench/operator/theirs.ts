/** The same figures of cert-manager, where it has them: certificates of an authority, written to Secrets. */
import type { Place } from '#test/cluster/suite.ts'
import {
  authority,
  type CertManagerFiles,
  certificate,
  startCertManager,
} from '../peers/cert-manager.ts'
import { writesDuring } from './audit.ts'
import { certificatesPerRound, type Figures, manyCertificates } from './figures.ts'
import { type Rounds, seconds, secretExists } from './ours.ts'

const namespace = 'cert-manager-peer'

export async function measureTheirs(
  { cluster }: Place,
  files: CertManagerFiles,
  { rounds, idleSeconds }: Rounds,
): Promise<Figures> {
  const kubectl = (...args: readonly string[]): Promise<string> =>
    cluster.kubectl('-n', namespace, ...args)
  await cluster.kubectl('create', 'namespace', namespace)
  await using running = await startCertManager(cluster, files)
  const apply = (yaml: string): Promise<string> => cluster.apply(yaml, '-n', namespace)
  await apply(authority)
  await secretExists({ kubectl }, 'authority')
  await kubectl('wait', '--for=condition=Ready', '--timeout=60s', 'issuer/authority')
  await new Promise((resolve) => setTimeout(resolve, 5_000))
  const idleMb = running.residentMb()
  const isCaller = ({ userAgent = '' }): boolean => userAgent.startsWith('cert-manager')
  const idleWrites = await writesDuring(cluster, isCaller, idleSeconds)
  const secretWritten: number[] = []
  for (let round = 1; round <= rounds * certificatesPerRound; round += 1)
    secretWritten.push(
      await seconds(async () => {
        await apply(certificate(`round-${round}`))
        await secretExists({ kubectl }, `round-${round}`)
      }),
    )
  const names = Array.from({ length: manyCertificates }, (_, index) => `many-${index}`)
  await apply(names.map((name) => certificate(name)).join('\n---\n'))
  await Promise.all(names.map((name) => secretExists({ kubectl }, name)))
  return {
    secretWritten,
    idleMb,
    laterMb: running.residentMb(),
    idleWrites: Math.round((idleWrites * 60) / idleSeconds),
  }
}

/** The solvers of an issuer, made from its settings and the Secrets that it names. */
import type { StrongroomIssuer } from '#operator/api/issuer.ts'
import type { Dns01Solver, Http01Solver, IssuerSolver } from '#operator/api/issuer-solvers.ts'
import { type Secret, secretText } from '#operator/kube/secret.ts'
import { chooseSolver, type Selectable } from '#shared/acme/choose-solver.ts'
import { type DnsMeans, dnsSolver } from '#shared/acme/dns/dns-solver.ts'
import type { Solver } from '#shared/acme/solver.ts'
import { dnsConfig, dnsSecretKeys, type SecretKey } from './dns-config.ts'

/** Secrets of the issuer's namespace that were read; `secretsOfSolvers()` names those that are asked for. */
export type SecretsByName = ReadonlyMap<string, Secret>

export interface SolverContext extends DnsMeans {
  /** What answers on port 80; nothing where this place cannot. */
  readonly http01?: ((settings: Http01Solver) => Solver) | undefined
  /** What answers in the handshake on port 443; nothing where this place cannot. */
  readonly tlsAlpn01?: (() => Solver) | undefined
}

/** The solver for a name (with `*.` where it is for a wildcard) among the challenge types that the CA offers for it. */
export type SolverFor = (name: string, offered: readonly string[]) => Solver | undefined

/**
 * A solver whose Secret lacks something is there nevertheless and says so when it is to present anything: the order then names it
 * in its problem, and comes again.
 */
export function solversOf(
  { spec }: StrongroomIssuer,
  secrets: SecretsByName,
  context: SolverContext,
): SolverFor {
  const solvers = selectables(spec)
  return (name, offered) => {
    const chosen = chooseSolver(solvers, name, offered)
    return chosen === undefined ? undefined : solverOf(chosen.settings, secrets, context)
  }
}

/** Is that name proven in the handshake of whoever serves it (TLS-ALPN-01), where the CA offers every challenge? */
export function isProvenInHandshake({ spec }: StrongroomIssuer, name: string): boolean {
  const offered = ['http-01', 'dns-01', 'tls-alpn-01']
  return chooseSolver(selectables(spec), name, offered)?.type === 'tls-alpn-01'
}

/** Names of the Secrets that the solvers need. */
export function secretsOfSolvers({ spec }: StrongroomIssuer): readonly string[] {
  const keys = (spec.acme?.solvers ?? []).flatMap(({ dns01 }) =>
    dns01 === undefined ? [] : dnsSecretKeys(dns01),
  )
  return [...new Set(keys.map(([, { name }]) => name))]
}

/** The first thing that a solver lacks, in words; nothing where all is there. */
export function solverTrouble(
  { spec }: StrongroomIssuer,
  secrets: SecretsByName,
  means: DnsMeans,
): string | undefined {
  for (const { dns01 } of spec.acme?.solvers ?? []) {
    const trouble = dns01 && troubleOf(dns01, secrets, means)
    if (trouble !== undefined) return trouble
  }
  return undefined
}

interface Settings extends Selectable {
  readonly settings: IssuerSolver
}

function selectables({ acme }: StrongroomIssuer['spec']): readonly Settings[] {
  return (acme?.solvers ?? []).flatMap((settings) => selectable(settings) ?? [])
}

function selectable(settings: IssuerSolver): Settings | undefined {
  const type = typeOf(settings)
  return type && { type, settings, ...settings.selector }
}

function typeOf({ http01, tlsAlpn01, dns01 }: IssuerSolver): Settings['type'] | undefined {
  if (dns01 !== undefined) return 'dns-01'
  if (http01 !== undefined) return 'http-01'
  return tlsAlpn01 === undefined ? undefined : 'tls-alpn-01'
}

function solverOf(
  { http01, tlsAlpn01, dns01 }: IssuerSolver,
  secrets: SecretsByName,
  context: SolverContext,
): Solver | undefined {
  if (dns01 !== undefined) return dnsSolverOf(dns01, secrets, context)
  if (http01 !== undefined) return context.http01?.(http01)
  return tlsAlpn01 === undefined ? undefined : context.tlsAlpn01?.()
}

function dnsSolverOf(dns: Dns01Solver, secrets: SecretsByName, context: SolverContext): Solver {
  try {
    return made(dns, secrets, context)
  } catch (error) {
    return brokenSolver(error)
  }
}

function troubleOf(dns: Dns01Solver, secrets: SecretsByName, means: DnsMeans): string | undefined {
  try {
    made(dns, secrets, means)
    return undefined
  } catch (error) {
    return wordsOf(error)
  }
}

/** Throws with words where something is missing or cannot be used. */
function made(dns: Dns01Solver, secrets: SecretsByName, means: DnsMeans): Solver {
  const texts = Object.fromEntries(
    dnsSecretKeys(dns).map(([what, where]) => [what, demandText(secrets, where)]),
  )
  const { awsAccessKeyId, ...dnsSecrets } = texts
  return dnsSolver(dnsConfig(dns, awsAccessKeyId), dnsSecrets, means)
}

function demandText(secrets: SecretsByName, { name, key }: SecretKey): string {
  const secret = secrets.get(name)
  if (secret === undefined) throw new Error(`Secret "${name}" of a solver does not exist`)
  const text = secretText(secret, key).trim()
  if (text === '') throw new Error(`Secret "${name}" of a solver holds nothing under "${key}"`)
  return text
}

function brokenSolver(error: unknown): Solver {
  const refuse = (): Promise<never> => Promise.reject(new Error(wordsOf(error)))
  return {
    type: 'dns-01',
    label: 'dns-01',
    present: refuse,
    check: refuse,
    // Nothing was put anywhere by it; what an earlier one put there, it cannot take away.
    cleanUp: refuse,
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

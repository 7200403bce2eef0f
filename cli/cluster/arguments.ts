/** What a person asked for, from the words of the command line. */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { cliErrors } from '#cli/errors.ts'
import { waitDefaultMs, waitMostMs } from '#cli/limits.ts'
import { durationMs, inWords } from './duration.ts'

/** How the cluster is reached; what is left out stands in the kubeconfig. */
export interface Where {
  readonly kubeconfig?: string
  readonly context?: string
  readonly namespace?: string
}

/** Reasons that a CA takes (RFC 5280 section 5.3.1; Let's Encrypt takes these). */
export const revocationReasons = [
  'unspecified',
  'keyCompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
] as const
export type RevocationReason = (typeof revocationReasons)[number]

export type Command =
  | { readonly kind: 'help'; readonly verb: Verb }
  | {
      readonly kind: 'status'
      readonly where: Where
      readonly name: string | undefined
      readonly everywhere: boolean
      readonly json: boolean
    }
  | ({ readonly kind: 'renew' } & OnCertificate)
  | ({ readonly kind: 'revoke'; readonly reason: RevocationReason } & OnCertificate)

interface OnCertificate {
  readonly where: Where
  readonly name: string
  readonly json: boolean
  /** How long to wait for another certificate to be served, in milliseconds; nothing where nobody waits. */
  readonly waitMs: number | undefined
}

export type Verb = 'status' | 'certificate'

const whereOptions = {
  kubeconfig: { type: 'string' },
  context: { type: 'string' },
  namespace: { type: 'string', short: 'n' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsOptionsConfig

/** Throws `CommandInvalid` with what is wrong. */
export function commandOf(verb: Verb, args: readonly string[]): Command {
  return verb === 'status' ? statusCommand(args) : certificateCommand(args)
}

function statusCommand(args: readonly string[]): Command {
  const { values, positionals } = parsed('status', args, {
    ...whereOptions,
    json: { type: 'boolean' },
    'all-namespaces': { type: 'boolean', short: 'A' },
  })
  if (values.help === true) return { kind: 'help', verb: 'status' }
  const [name, more] = positionals
  if (more !== undefined) throw cliErrors.CommandInvalid(`"${more}" is one name too many`, 'status')
  const everywhere = values['all-namespaces'] === true
  if (everywhere && (name !== undefined || values.namespace !== undefined))
    throw cliErrors.CommandInvalid('--all-namespaces goes with no name and no namespace', 'status')
  return {
    kind: 'status',
    where: whereOf('status', values),
    name: name === undefined ? undefined : nameOf(name, 'status'),
    everywhere,
    json: values.json === true,
  }
}

function certificateCommand(args: readonly string[]): Command {
  const { values, positionals } = parsed('certificate', args, {
    ...whereOptions,
    json: { type: 'boolean' },
    reason: { type: 'string' },
    wait: { type: 'boolean' },
    timeout: { type: 'string' },
  })
  if (values.help === true) return { kind: 'help', verb: 'certificate' }
  const [act = '', target = '', more] = positionals
  const invalid = (found: string): Error => cliErrors.CommandInvalid(found, 'certificate')
  if (act !== 'renew' && act !== 'revoke')
    throw invalid(act === '' ? 'renew or revoke?' : `"${act}" is neither renew nor revoke`)
  if (target === '') throw invalid(`${act} what? It wants the name of a Strongroom`)
  if (more !== undefined) throw invalid(`"${more}" is one name too many`)
  const common = {
    where: whereOf('certificate', values),
    name: nameOf(target, 'certificate'),
    json: values.json === true,
    waitMs: waitOf(values),
  }
  if (act === 'revoke') return { kind: 'revoke', ...common, reason: reasonOf(values.reason) }
  if (values.reason !== undefined) throw invalid('--reason goes with revoke')
  return { kind: 'renew', ...common }
}

function waitOf({
  wait = false,
  timeout,
}: {
  readonly wait?: boolean | undefined
  readonly timeout?: string | undefined
}): number | undefined {
  if (!wait && timeout !== undefined)
    throw cliErrors.CommandInvalid('--timeout goes with --wait', 'certificate')
  const waitMs = timeout === undefined ? waitDefaultMs : durationMs(timeout)
  if (waitMs === undefined || waitMs > waitMostMs)
    throw cliErrors.CommandInvalid(
      `"${timeout}" is no time between 1s and ${inWords(waitMostMs)}, such as 90s, 5m or 1h`,
      'certificate',
    )
  return wait ? waitMs : undefined
}

/** `vault`, or as kubectl prints it, `strongroom.strongroom.dev/vault`. */
function nameOf(found: string, verb: Verb): string {
  const name = found.replace(/^(?:strongrooms?(?:\.strongroom\.dev)?|sr)\//, '')
  if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name) || name.length > 253)
    throw cliErrors.CommandInvalid(`"${found}" is no name of a Strongroom`, verb)
  return name
}

function reasonOf(found = 'unspecified'): RevocationReason {
  const reason = revocationReasons.find((known) => known === found)
  if (reason === undefined)
    throw cliErrors.CommandInvalid(
      `"${found}" is no reason of a revocation; there are ${revocationReasons.join(', ')}`,
      'certificate',
    )
  return reason
}

function whereOf(
  verb: Verb,
  { kubeconfig, context, namespace }: { readonly [Key in keyof Where]: string | undefined },
): Where {
  const empty = Object.entries({ kubeconfig, context, namespace }).find(([, value]) => value === '')
  if (empty !== undefined) throw cliErrors.CommandInvalid(`--${empty[0]} is empty`, verb)
  return {
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    ...(namespace === undefined ? {} : { namespace }),
  }
}

function parsed<T extends ParseArgsOptionsConfig>(verb: Verb, args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw cliErrors.CommandInvalid(firstSentence(error), verb)
  }
}

/** Node adds advice for programmers to what it found. */
function firstSentence(error: unknown): string {
  const [sentence = ''] = (error instanceof Error ? error.message : String(error)).split(/\.\s|\n/)
  return sentence.replace(/\.$/, '')
}

/** Which server certificates the settings ask for, and where they come from. */
import { hostname } from 'node:os'
import { issuedPath, orderFolder } from '#server/acme/order-folder.ts'
import type { Config } from '#server/config.ts'
import { certificateRenewMs } from '#server/limits.ts'
import type { Logger } from '#server/log.ts'
import type { SystemStore } from '#server/system/system.types.ts'
import { hostOf, isWildcard, type ListenAddress } from '#server/tls/address.ts'
import {
  type CertificateSource,
  filesSource,
  withFallback,
} from '#server/tls/certificate-source.ts'
import { tlsErrors } from '#server/tls/errors.ts'
import { LoadHook } from '#server/tls/load-hook.ts'
import { leafFiles } from '#server/tls/self-signed.ts'
import type { CertificateWish } from '#server/tls/serving.ts'
import type { Clock } from '#shared/clock.ts'
import { passwordFrom } from '#shared/password.ts'
import { splitArguments } from '#shared/program.ts'
import { type Folders, type OnStep, ownCertificate } from './first-start.ts'

export interface WishParts {
  readonly config: Config
  readonly folders: Folders
  /** Opens the server store, once, and owns the data folder from then on: only after every check that needs neither. */
  readonly claim: () => Promise<SystemStore>
  readonly clock: Clock
  readonly logger: Logger
  readonly onStep: OnStep
  /** Told of a changed certificate that is not served. */
  readonly refused: () => void
  /** Closes what it is given, in reverse. */
  readonly owner: AsyncDisposableStack
}

const internalPath = 'Security.Certificate.Internal.Path'
const publicPath = 'Security.Certificate.Path'
const loadProgram = 'Security.Certificate.Load.Exec'
const orderEmail = 'Security.Certificate.LetsEncrypt.Email'

/** Settings that each say where a server certificate comes from. */
export function certificateSettings(config: Config): readonly (keyof Config)[] {
  return ([publicPath, loadProgram, orderEmail, internalPath] as const).filter(
    (setting) => config[setting] !== undefined,
  )
}

/** The configured ones, or one of our own. Throws `CertificateTwice`, `CertificateNotConfigured`. */
export async function certificateWishes(parts: WishParts, address: ListenAddress) {
  const { config } = parts
  const { [internalPath]: internal, PublicServerUrl: publicUrl } = config
  const named = namedHosts(config, address)
  const isAlone = internal === undefined && config[orderEmail] === undefined
  const hosts = isAlone ? named.slice(0, 1) : publicHosts(publicUrl)
  const source = await publicSource(parts, named)
  return {
    internal: internal === undefined ? undefined : { source: filesIn(internal), hosts: [] },
    public: source === undefined ? await ownWish(parts, named) : { source, hosts },
  }
}

/** The public name first, which is the one that must be covered. */
function namedHosts(config: Config, { host }: ListenAddress): string[] {
  return [...publicHosts(config.PublicServerUrl), host].filter((one) => !isWildcard(one))
}

function publicHosts(publicUrl: string | undefined): string[] {
  return publicUrl === undefined ? [] : [hostOf(publicUrl)]
}

function filesIn(path: string): CertificateSource {
  return filesSource({ path, keyPath: undefined, password: undefined })
}

async function publicSource(
  parts: WishParts,
  named: readonly string[],
): Promise<CertificateSource | undefined> {
  const { config } = parts
  const given = certificateSettings(config).filter((setting) => setting !== internalPath)
  if (given.length > 1) throw tlsErrors.CertificateTwice(given)
  const { [publicPath]: path, [loadProgram]: program, [orderEmail]: email } = config
  if (email !== undefined) return orderedSource(parts, named)
  const password = passwordIn(config)
  if (program !== undefined) return hookSource(parts, program)
  if (path === undefined) return undefined
  return filesSource({ path, keyPath: config['Security.Certificate.Key.Path'], password })
}

/** As people put it into a file or a Secret that becomes a setting. */
function passwordIn(config: Config): string | undefined {
  const password = config['Security.Certificate.Password']
  return password === undefined ? undefined : passwordFrom(password)
}

/** What was issued, and until then one of our own, so that there is something to answer the CA from. */
async function orderedSource(
  parts: WishParts,
  named: readonly string[],
): Promise<CertificateSource> {
  const { config, logger, refused } = parts
  const issued = filesIn(issuedPath(orderFolder(config.DataDir)))
  if (config[internalPath] !== undefined) return issued
  return withFallback(issued, await ownSource(parts, named), (error) => {
    refused()
    logger.error({ error }, 'Serves a certificate of its own: the one that was issued cannot be')
  })
}

async function hookSource(parts: WishParts, file: string): Promise<CertificateSource> {
  const { config, clock, logger, refused, owner } = parts
  const hook = await LoadHook.open({
    program: {
      file,
      arguments: splitArguments(config['Security.Certificate.Load.Exec.Arguments'] ?? ''),
      timeoutMs: config['Security.Certificate.Exec.TimeoutInSec'] * 1000,
    },
    password: passwordIn(config),
    clock,
    failed: (error) => {
      refused()
      logger.error({ error }, 'Keeps the server certificate: its program gave no other')
    },
  })
  return owner.use(hook)
}

/** Nothing where there is an internal one. Where administrators are given, whoever gave them has an authority too. */
async function ownWish(
  parts: WishParts,
  named: readonly string[],
): Promise<CertificateWish | undefined> {
  if (parts.config[internalPath] !== undefined) return undefined
  if (parts.config['Security.WellKnownCertificates.Admin.Path'] !== undefined) {
    throw tlsErrors.CertificateNotConfigured()
  }
  return { source: await ownSource(parts, named), hosts: [] }
}

/** One that we make, and renew. */
async function ownSource(
  { folders, claim, clock, logger, onStep, owner }: WishParts,
  named: readonly string[],
): Promise<CertificateSource> {
  const folder = folders.certificates
  const hosts = [...new Set([...named, 'localhost', '127.0.0.1', '::1', hostname()])]
  const system = await claim()
  const { renew } = await ownCertificate({ system, folder, hosts, clock, onStep })
  const timer = setInterval(() => {
    renew().catch((error: unknown) => logger.error(error, 'Cannot renew the server certificate'))
  }, certificateRenewMs).unref()
  owner.defer(() => clearInterval(timer))
  return filesSource(leafFiles(folder))
}

/** The server certificate is ordered where the settings say so: every part of that built once, and what happens in the log. */
import { dns01Solver } from '#server/acme/dns01.ts'
import { listenForHttp01 } from '#server/acme/http01.ts'
import { OrderFiles } from '#server/acme/order-files.ts'
import { orderFolder } from '#server/acme/order-folder.ts'
import { type OrderSettings, orderSettings } from '#server/acme/order-settings.ts'
import { type OrderEvent, type OrderFigures, Ordering } from '#server/acme/ordering.ts'
import { withOutsideLook } from '#server/acme/outside-look.ts'
import { Renewal } from '#server/acme/renewal.ts'
import { tlsAlpn01Solver } from '#server/acme/tls-alpn01.ts'
import type { Config } from '#server/config.ts'
import type { Logger } from '#server/log.ts'
import type { Challenges } from '#server/tls/challenges.ts'
import { lookForAnswer } from '#shared/acme/http01-look.ts'
import { HttpsFailure } from '#shared/acme/https.ts'
import { httpsAcme } from '#shared/acme/https-acme.ts'
import { AcmeProblem } from '#shared/acme/problem.ts'
import type { Solver } from '#shared/acme/solver.ts'
import { lookForProof } from '#shared/acme/tls-alpn01-look.ts'
import type { Clock } from '#shared/clock.ts'
import { CodedError } from '#shared/errors.ts'
import { randomFraction } from '#shared/random.ts'
import { systemTimers } from '#shared/timers.ts'

export interface OrderingWish {
  readonly config: Config
  readonly challenges: Challenges
  readonly clock: Clock
  readonly logger: Logger
  /** Told of each certificate that was issued, when it can be read. */
  readonly issued: () => void
  /** Closes what it is given, in reverse. */
  readonly owner: AsyncDisposableStack
}

/**
 * Begins, or goes on, when the server listens: the CA may ask at once. What it does now; nothing where nothing is ordered. Throws
 * `OrderSettingInvalid`, `OrderFileDamaged`, `DnsSolverInvalid`.
 */
export async function startOrdering(wish: OrderingWish): Promise<(() => OrderFigures) | undefined> {
  const { config, clock, owner } = wish
  const settings = await orderSettings(config)
  if (settings === undefined) return undefined
  const files = await OrderFiles.open(orderFolder(config.DataDir))
  const { directoryUrl, trust } = settings
  const accountKey = await files.accountKey()
  const api = httpsAcme({ directoryUrl, accountKey, trust, now: () => clock.now() })
  owner.adopt(api, (it) => it.close())
  const solver = await solverMaker(wish, settings)
  const ordering = new Ordering({
    ...{ settings, files, api, solver, clock },
    renewal: new Renewal({ api, files, clock, random: randomFraction }),
    timers: systemTimers,
    random: randomFraction,
    report: (event) => report(wish, event),
  })
  owner.use(ordering)
  ordering.start()
  return () => ordering.figures
}

/** What cannot work at all is said at start. */
async function solverMaker(
  wish: OrderingWish,
  settings: OrderSettings,
): Promise<() => Promise<Solver>> {
  const { config, challenges, clock, owner } = wish
  const { challenge, http } = settings
  switch (challenge) {
    case 'TlsAlpn01': {
      const solver = seen(wish, settings, tlsAlpn01Solver(challenges))
      return () => Promise.resolve(solver)
    }
    case 'Http01': {
      const solver = seen(wish, settings, owner.use(await listenForHttp01(http)).solver)
      return () => Promise.resolve(solver)
    }
    case 'Dns01': {
      const path = config['Security.Certificate.LetsEncrypt.Dns.Path']
      const secretsFolder = config['Security.Certificate.LetsEncrypt.Dns.Secrets.Path']
      const make = () => dns01Solver({ path, secretsFolder, clock })
      await make()
      return make
    }
    default:
      return challenge satisfies never
  }
}

/** Looked at from outside before the CA is asked. */
function seen({ logger }: OrderingWish, settings: OrderSettings, solver: Solver): Solver {
  const { check, checkPort: port } = settings
  return withOutsideLook(solver, {
    check,
    look: (challenge, signal) =>
      solver.type === 'http-01'
        ? lookForAnswer(challenge, signal, port === undefined ? {} : { port })
        : lookForProof(challenge, signal, port),
    warn: ({ name, type }, why) =>
      logger.warn(
        { name, challenge: type },
        `This server does not see its own answer to the CA: ${why}. The CA is asked all the same (Security.Certificate.LetsEncrypt.Check)`,
      ),
  })
}

function report({ logger, issued }: OrderingWish, event: OrderEvent): void {
  if (event.kind === 'act') logger.debug({ act: event.act }, 'Ordering a server certificate')
  else if (event.kind === 'issued') {
    issued()
    logger.info({ names: event.names }, 'A server certificate was issued')
  } else reportTrouble(logger, event)
}

function reportTrouble(
  logger: Logger,
  event: Extract<OrderEvent, { readonly kind: 'problem' | 'failed' }>,
): void {
  const againAt = new Date(event.againAt).toISOString()
  if (event.kind === 'problem') {
    const { problem } = event
    logger.error({ problem, againAt }, `Cannot get a server certificate yet: ${problem.detail}`)
  } else if (isOfTheWorld(event.error))
    logger.error({ againAt }, `Cannot order a server certificate yet: ${event.error.message}`)
  else
    logger.error({ error: event.error, againAt }, 'Cannot order a server certificate; trying again')
}

/** A CA that does not answer, or refuses: where in our code that was seen is no news. */
function isOfTheWorld(error: unknown): error is Error {
  return (
    error instanceof HttpsFailure || error instanceof AcmeProblem || error instanceof CodedError
  )
}

/** The two uses of the scenarios: compare a server with a record, or make a record of it. */
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '#shared/clock.ts'
import { dig, read } from './answers.ts'
import { Workshop } from './certificates.ts'
import {
  type Golden,
  type GoldenMatrix,
  type GoldenStep,
  readGolden,
  writeGolden,
} from './golden.ts'
import { differences, type ExpectedDifference } from './judge.ts'
import { type MatrixRow, routesOf, runMatrix, verdicts } from './matrix.ts'
import { Report } from './report.ts'
import { Client } from './requests.ts'
import { runScenario, type Stage, type StepResult } from './run.ts'
import type { Matrix, Scenario, Seen } from './scenario.types.ts'
import { scenarios } from './scenarios/scenarios.ts'

const settleMsMax = 120_000
const patienceMsDefault = 15_000
/** Status of our own answers to what is not supported yet: a kind of command, a part of the query language. */
const notSupportedStatus = 501

/** The server that is asked, and how much of it. */
export interface Target {
  readonly url: URL
  /** Folder with `ca.crt`, `server.crt`, `server.key`. */
  readonly pki: string
  /** Certificate and key of the first administrator, without `.crt` and `.key`; the server's own where left out. */
  readonly admin?: string
  /** Folder of the record. */
  readonly golden: string
  /** Folders of single scenarios that are compared with another record, by name. */
  readonly goldenOf?: Readonly<Record<string, string>>
  /** Milliseconds for which a step is repeated until it is answered as it wants; 15,000 where left out. */
  readonly patienceMs?: number
  /** Longest wait before a step, for a server that does at once what it is asked; as the steps say where left out. */
  readonly waitMsMax?: number
  /** Scenarios to run besides the set-up; all where left out. */
  readonly only?: readonly string[]
  readonly skip?: readonly string[]
  readonly danger?: boolean
  /** Wait after the set-up until the server knows its licence: RavenDB 7.2 only, about 45 s. */
  readonly settle?: boolean
}

/** Says what is going on, one line at a time. */
export type Say = (line: string) => void

/** Puts every scenario of the record to the server. */
export async function compareServer(
  target: Target,
  expected: readonly ExpectedDifference[],
  say: Say,
): Promise<Report> {
  const report = new Report(expected)
  await everyScenario(target, async (stage, name, scenario) => {
    const folder = target.goldenOf?.[name] ?? target.golden
    const golden = readGolden<Golden & GoldenMatrix>(folder, name)
    if (golden === null) return say(`${name}: not in this record`)
    if (scenario.matrix)
      await compareMatrix(stage, { name, matrix: scenario.matrix, golden, report })
    else await compareSteps(stage, { name, scenario, golden, report })
    say(`${name}: ${report.summary()}`)
  })
  return report
}

/** Records what the server answers to every scenario. */
export async function recordServer(target: Target, say: Say): Promise<void> {
  await everyScenario(target, async (stage, name, scenario) => {
    const golden = scenario.matrix
      ? await recordMatrix(stage, scenario.matrix)
      : await recordSteps(stage, scenario)
    writeGolden(target.golden, name, golden)
    say(`${name}: ${Object.keys(golden).length} recorded`)
  })
}

type Use = (stage: Stage, name: string, scenario: Scenario) => Promise<void>

async function everyScenario(target: Target, use: Use): Promise<void> {
  const stage = await openStage(target)
  try {
    for (const [name, build] of Object.entries(scenarios)) {
      if (!isWanted(target, name)) continue
      const scenario = await build(stage.workshop)
      if (scenario.danger && !target.danger) continue
      await use(stage, name, scenario)
      if (name === 'setup' && target.settle) await settle(stage.client)
    }
  } finally {
    stage.client.close()
  }
}

function isWanted({ only, skip }: Target, name: string): boolean {
  if (name === 'setup') return true
  return (only?.includes(name) ?? true) && !skip?.includes(name)
}

async function openStage(target: Target): Promise<Stage> {
  const file = (name: string) => fs.readFileSync(path.join(target.pki, name))
  const client = new Client(target.url, file('ca.crt'))
  const admin = target.admin ?? path.join(target.pki, 'server')
  const pair = { cert: fs.readFileSync(`${admin}.crt`), key: fs.readFileSync(`${admin}.key`) }
  client.identify('none', null)
  client.identify('server', pair)
  const workshop = new Workshop(target.pki, (name, made) => client.identify(name, made))
  await Promise.all([
    ...['unknown', 'up1', 'up2', 'up3', 'up4', 'up5', 'up6'].map((n) => workshop.make(`lab-${n}`)),
    workshop.make('lab-expired', { expired: true }),
    workshop.make('lab-ec', { algorithm: 'EC' }),
  ])
  for (const name of ['unknown', 'expired']) client.alias(name, `lab-${name}`)
  const { patienceMs = patienceMsDefault, waitMsMax = Number.POSITIVE_INFINITY } = target
  const values = { serverThumb: workshop.serverThumb }
  return { client, workshop, patienceMs, waitMsMax, values }
}

async function settle(client: Client): Promise<void> {
  const stopAt = systemClock.now() + settleMsMax
  while (systemClock.now() < stopAt) {
    const { body } = read(await client.call({ as: 'server', path: '/cluster/topology' }))
    if (dig(body, 'NodeLicenseDetails')) return
    await sleep(1_000)
  }
}

interface ScenarioComparison {
  readonly name: string
  readonly scenario: Scenario
  readonly golden: Golden
  readonly report: Report
}

async function compareSteps(
  stage: Stage,
  { name, scenario, golden, report }: ScenarioComparison,
): Promise<void> {
  if (
    scenario.basis &&
    isNotBuilt(read(await stage.client.call({ as: 'server', path: scenario.basis })))
  ) {
    for (const _ of Object.keys(golden)) report.countNotBuilt(`GET ${scenario.basis}`)
    return
  }
  for await (const result of runScenario(stage, scenario))
    compareStep(`${name}/${result.step.name}`, golden[result.step.name], result, report)
}

function compareStep(
  id: string,
  golden: GoldenStep | undefined,
  result: StepResult,
  report: Report,
): void {
  const { step, as, sent, seen, recorded, unfilled } = result
  const method = step.method ?? 'GET'
  if (!golden) report.unknown.push(id)
  else if (isNotBuilt(seen) && !isSameRefusal(golden, asJson(recorded)))
    report.countNotBuilt(`${method} ${routeOf(step.path)}`, givenBy(step))
  else if (!report.countFollowing([as, ...unfilled, ...(step.needs ?? [])], givenBy(step)))
    report.judge(id, `${method} ${sent} as ${as}`, golden, asJson(recorded))
}

interface MatrixComparison {
  readonly name: string
  readonly matrix: Matrix
  readonly golden: GoldenMatrix
  readonly report: Report
}

async function compareMatrix(
  { client }: Stage,
  { name, matrix, golden, report }: MatrixComparison,
): Promise<void> {
  for await (const row of runMatrix(client, matrix, Object.keys(golden), isNotBuilt)) {
    const { route } = row.request
    if (isNotBuilt(row.last)) report.countNotBuilt(route)
    else
      report.judge(
        `${name}/${route}`,
        route,
        matrixStep(golden[route] ?? {}),
        matrixStep(row.statuses),
      )
  }
}

function matrixStep(statuses: MatrixRow['statuses']): GoldenStep {
  return { status: '', headers: {}, body: verdicts(statuses) }
}

async function recordSteps(stage: Stage, scenario: Scenario): Promise<Golden> {
  const golden: Record<string, GoldenStep> = {}
  for await (const { step, recorded } of runScenario(stage, scenario)) {
    if (step.name in golden) throw new Error(`Two steps are named "${step.name}"`)
    golden[step.name] = recorded
  }
  return golden
}

async function recordMatrix({ client }: Stage, matrix: Matrix): Promise<GoldenMatrix> {
  const golden: Record<string, MatrixRow['statuses']> = {}
  const routes = await routesOf(client)
  for await (const { request, statuses } of runMatrix(client, matrix, routes, () => false))
    golden[request.route] = statuses
  return golden
}

function isNotBuilt({ status, header }: Seen): boolean {
  return status === notSupportedStatus || header['strongroom-error'] === 'RouteNotFound'
}

/** What later steps have from this one: its effect under its name, values, an identity. */
function givenBy({ name, capture = {}, identity }: StepResult['step']): string[] {
  const identities = identity ? [identity, `${identity}Thumb`, `${identity}ThumbLower`] : []
  return [name, ...Object.keys(capture), ...identities]
}

/** The path of a step without its values, so that steps on one route are counted together. */
function routeOf(target: string): string {
  return target.replace(/\?.*/, '').replace(/^(\/databases)\/[^/]+/, '$1/*')
}

/** True where the real server has no such route either, whatever it says about it. */
function isSameRefusal(golden: GoldenStep, recorded: GoldenStep): boolean {
  const type = String(dig(golden.body, 'Type'))
  return type.endsWith('RouteNotFoundException') || differences(golden, recorded).length === 0
}

/** As it would be read from a file: without undefined members. */
function asJson(step: GoldenStep): GoldenStep {
  return JSON.parse(JSON.stringify(step))
}

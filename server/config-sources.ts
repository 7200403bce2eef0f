/** Command line, environment and settings file as lists of keys and texts. Knows which keys exist, not what their values mean. */
import { nearestOf } from '#shared/nearest.ts'
import {
  type SettingSchema,
  settings,
  settingsNotBuilt,
  settingsWithoutMeaning,
} from './config-schema.ts'
import { errors } from './errors.ts'

export type Source = 'command line' | 'environment' | 'settings file'

/** One setting as it was given. */
export interface Given {
  readonly key: string
  readonly value: string
  readonly source: Source
  /** Left out for a key of RavenDB's that has no meaning here. */
  readonly setting?: SettingSchema
  /** True for a key that nobody knows; only from the environment, elsewhere it is an error. */
  readonly unknown?: true
}

type ReadText = (path: string) => string | undefined

/** `--Key=Value` or `--Key Value`; `--config-path` names the settings file. Throws `SettingUnknown`, `SettingInvalid`, `SettingNotBuilt`. */
export function fromArguments(args: readonly string[]): {
  readonly given: readonly Given[]
  readonly configPath: string | undefined
} {
  const pairs = [...pairsOf(args)]
  const isPath = ([key]: readonly [string, string]) => key.toLowerCase() === 'config-path'
  return {
    configPath: pairs.findLast(isPath)?.[1],
    given: pairs
      .filter((pair) => !isPath(pair))
      .map(([key, value]) => known(key, value, 'command line')),
  }
}

function* pairsOf(args: readonly string[]): IterableIterator<readonly [string, string]> {
  const words = args.values()
  for (const word of words) {
    const [, key, assigned, value] = /^--?([^=]+)(=(.*))?$/s.exec(word) ?? []
    if (key === undefined) throw errors.SettingUnknown(word, 'command line', '--Key=Value')
    const given = assigned === undefined ? words.next().value : (value ?? '')
    if (given === undefined) throw errors.SettingInvalid(key, 'command line', 'a value')
    yield [key, given]
  }
}

/**
 * `STRONGROOM_Key` before `RAVEN_Key`. What Kubernetes adds for every Service (`STRONGROOM_SERVICE_HOST`, `STRONGROOM_PORT_8443_TCP…`)
 * is none of ours, and a key that nobody knows is only noted: the environment is not always in the hands of who starts the server.
 */
export function fromEnvironment(env: Readonly<Record<string, string | undefined>>): {
  readonly given: readonly Given[]
  readonly unknown: readonly Given[]
} {
  const found = ['RAVEN_', 'STRONGROOM_'].flatMap((prefix) => settingsWith(prefix, env))
  return {
    given: found.filter((each) => each.unknown !== true),
    unknown: found.filter((each) => each.unknown === true),
  }
}

function settingsWith(prefix: string, env: Readonly<Record<string, string | undefined>>): Given[] {
  return Object.entries(env).flatMap(([name, value]) => {
    if (!name.startsWith(prefix) || value === undefined || isServiceLink(name)) return []
    const found = lookUp(name.slice(prefix.length), value, 'environment')
    return found ?? { key: name, value, source: 'environment', unknown: true }
  })
}

function isServiceLink(name: string): boolean {
  return /_SERVICE_HOST$|_SERVICE_PORT(_|$)|_PORT$|_PORT_\d+_(TCP|UDP|SCTP)/.test(name)
}

/** The members of `settings.json`, flat (`"Security.Certificate.Path"`) or nested. Throws `SettingsFileUnreadable` and those of `fromArguments`. */
export function fromSettingsFile(path: string | undefined, readText: ReadText): readonly Given[] {
  const file = path ?? 'settings.json'
  const text = readText(file)
  if (text === undefined && path === undefined) return []
  if (text === undefined) throw errors.SettingsFileUnreadable(file, 'it does not exist')
  return [...membersOf(parsed(file, text), '')]
    .filter(([, value]) => value !== null)
    .map(([key, value]) => known(key, String(value), 'settings file'))
}

function parsed(file: string, text: string): object {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // Not the parser's message: it quotes the file, which may hold a password.
    throw errors.SettingsFileUnreadable(file, 'it is not JSON')
  }
  throw errors.SettingsFileUnreadable(file, 'it is not a JSON object')
}

function* membersOf(value: object, prefix: string): IterableIterator<readonly [string, unknown]> {
  for (const [name, member] of Object.entries(value)) {
    if (typeof member === 'object' && member !== null && !Array.isArray(member)) {
      yield* membersOf(member, `${prefix}${name}.`)
    } else yield [prefix + name, member]
  }
}

function known(key: string, value: string, source: Source): Given {
  const found = lookUp(key, value, source)
  if (found === undefined) throw errors.SettingUnknown(key, source, nearestKey(key))
  return found
}

function lookUp(key: string, value: string, source: Source): Given | undefined {
  const setting = settings.find((row) => spelling(row.key) === spelling(key))
  if (setting !== undefined) return { key: setting.key, value, source, setting }
  if (belongsTo(key, settingsNotBuilt)) throw errors.SettingNotBuilt(key, source)
  return belongsTo(key, settingsWithoutMeaning) ? { key, value, source } : undefined
}

/** Dots and underscores are the same, as are cases: `RAVEN_SECURITY_CERTIFICATE_PATH`. */
function spelling(key: string): string {
  return key.toLowerCase().replaceAll('.', '_')
}

function belongsTo(key: string, families: readonly string[]): boolean {
  const spelt = spelling(key)
  return families.some((family) =>
    family.endsWith('.') ? spelt.startsWith(spelling(family)) : spelt === spelling(family),
  )
}

/** The known key with the fewest letters to change. */
function nearestKey(key: string): string {
  const bySpelling = new Map(settings.map((row) => [spelling(row.key), row.key]))
  return bySpelling.get(nearestOf(spelling(key), [...bySpelling.keys()]) ?? '') ?? ''
}

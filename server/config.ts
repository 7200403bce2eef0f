/**
 * The settings of a server, read once at start and frozen. The only reader of the environment.
 *
 * Precedence, strongest first: command line `--Key=Value`, environment `STRONGROOM_Key`, environment `RAVEN_Key`,
 * `settings.json`, default. Names are compared without regard to case; in the environment a dot is an underscore.
 */
import { existsSync, readFileSync } from 'node:fs'
import { type Config, type ConfigKey, type SettingSchema, settings } from './config-schema.ts'
import {
  fromArguments,
  fromEnvironment,
  fromSettingsFile,
  type Given,
  type Source,
} from './config-sources.ts'
import { errors } from './errors.ts'

export type { Config } from './config-schema.ts'

/** What the log should say once about a setting that was given in vain. */
export interface ConfigNote {
  readonly key: string
  readonly source: Source
  readonly note: 'has no meaning here' | 'is unknown'
}

export interface ConfigReading {
  readonly config: Config
  readonly notes: readonly ConfigNote[]
}

/** Where settings come from. */
export interface ConfigInput {
  /** Command line without program and script. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Text of a file, or nothing where it does not exist. */
  readonly readText: (path: string) => string | undefined
}

/** Reads the settings of this very process. Throws `SettingUnknown`, `SettingInvalid`, `SettingNotBuilt`, `SettingsFileUnreadable`. */
export function processConfig(args: readonly string[]): ConfigReading {
  const readText = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)
  return readConfig({ args, env: process.env, readText })
}

/** Reads the settings from the given sources. Errors as for `processConfig`. */
export function readConfig({ args, env, readText }: ConfigInput): ConfigReading {
  const line = fromArguments(args)
  const file = fromSettingsFile(line.configPath, readText)
  const environment = fromEnvironment(env)
  const given = [...file, ...environment.given, ...line.given]
  const notes = [...environment.unknown, ...given.filter(hasNoMeaning)].map(noteOf)
  return { config: merged(given), notes }
}

function hasNoMeaning(given: Given): boolean {
  return given.setting === undefined
}

function noteOf(given: Given): ConfigNote {
  const note =
    given.setting === undefined && given.unknown !== true ? 'has no meaning here' : 'is unknown'
  return { key: given.key, source: given.source, note }
}

/** Weakest source first: later ones overwrite. */
function merged(given: readonly Given[]): Config {
  const values: Partial<Record<ConfigKey, unknown>> = {}
  for (const { key, default: value } of settings) if (value !== undefined) values[key] = value
  for (const { setting, value, source } of given) {
    if (setting !== undefined) values[setting.key] = converted(setting, value, source)
  }
  return Object.freeze(values) as Config
}

function converted(setting: SettingSchema, text: string, source: Source): unknown {
  const value = valueIn(setting, text)
  if (value === undefined) throw errors.SettingInvalid(setting.key, source, expectationOf(setting))
  return value
}

function valueIn(setting: SettingSchema, text: string): unknown {
  const { type, words } = setting
  if (type === 'boolean') return booleanIn(text)
  if (type === 'integer') return integerIn(text, setting)
  if (words !== undefined) return words.find((word) => word.toLowerCase() === text.toLowerCase())
  return text === '' ? undefined : text
}

function booleanIn(text: string): boolean | undefined {
  const word = text.toLowerCase()
  return word === 'true' || (word === 'false' ? false : undefined)
}

function integerIn(
  text: string,
  { minimum = 0, maximum = Number.POSITIVE_INFINITY }: SettingSchema,
): number | undefined {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  return number >= minimum && number <= maximum ? number : undefined
}

function expectationOf({ type, words, minimum = 0, maximum }: SettingSchema): string {
  if (type === 'boolean') return 'true or false'
  if (type === 'integer')
    return `a whole number from ${minimum}${maximum === undefined ? '' : ` to ${maximum}`}`
  return words === undefined ? 'a text' : `one of ${words.join(', ')}`
}

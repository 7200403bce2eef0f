/** The rules behind test/architecture.test.ts. Each takes files and a table, and returns one line for each offence: file, rule, fix. */
import path from 'node:path'
import { readText, type SourceFile } from './source-tree.ts'

type Files = readonly SourceFile[]

/** Files of a top folder import ours only from the folders listed for it. */
export function foldersKeepApart(
  files: Files,
  may: Readonly<Record<string, readonly string[]>>,
): string[] {
  return files.flatMap((file) => {
    const from = firstOf(file.path)
    return targetsOfOurs(file, Object.keys(may))
      .filter((target) => firstOf(target) !== from && !may[from]?.includes(firstOf(target)))
      .map(
        (target) =>
          `${file.path} imports ${target}: ${from}/ may import ${listOf(may[from])}; pass it in as an argument`,
      )
  })
}

/** Inside `folder`, files import only from their own part (sub-folder, or file at its root) and from parts listed after it. */
export function importsPointDown(
  files: Files,
  folder: string,
  layers: readonly string[],
): string[] {
  const offences: string[] = []
  const rank = (file: string): number => layers.indexOf(partOf(file, folder, layers))
  for (const file of files.filter((each) => each.path.startsWith(`${folder}/`))) {
    if (rank(file.path) < 0) {
      offences.push(
        `${file.path} is in no layer: give ${partOf(file.path, folder, layers)} a place in the list of ${folder}/`,
      )
    }
    for (const target of targetsOfOurs(file, [folder])) {
      if (rank(target) >= rank(file.path)) continue
      offences.push(
        `${file.path} imports ${target}, which lies above it: pass it in as an argument, or move what both need down`,
      )
    }
  }
  return offences
}

/** Parts of a folder that do not know each other, wherever they lie in its layers. */
export function partsKeepApart(files: Files, folder: string, parts: readonly string[]): string[] {
  return files.flatMap((file) => {
    const from = parts.find((part) => file.path.startsWith(`${folder}/${part}/`))
    const others = parts.filter((part) => part !== from).map((part) => `${folder}/${part}/`)
    if (from === undefined) return []
    return targetsOfOurs(file, [folder])
      .filter((target) => startsWithAny(target, others))
      .map((target) => `${file.path} imports ${target}: move what both need down into ${folder}/`)
  })
}

/** No import leads back to where it came from. Types count: two files that know each other are one. */
export function noCycles(files: Files): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const done = new Set<string>()
  const offences: string[] = []
  const visit = (file: SourceFile, trail: readonly string[]): void => {
    if (trail.includes(file.path)) {
      const ring = [...trail.slice(trail.indexOf(file.path)), file.path]
      offences.push(
        `${ring.join(' → ')}: a ring of imports; move what they share into a file of its own`,
      )
      return
    }
    if (done.has(file.path)) return
    for (const { target } of file.imports) {
      const next = byPath.get(target)
      if (next !== undefined) visit(next, [...trail, file.path])
    }
    done.add(file.path)
  }
  for (const file of files) visit(file, [])
  return offences
}

/** `../` may not leave the part of the tree (`server/http`, `shared/pki`) that a file lies in: there is `#server/…` for that. */
export function relativeStaysInside(files: Files): string[] {
  return files
    .filter((file) => /^(?:server|shared|operator|test)\//.test(file.path))
    .flatMap((file) =>
      file.imports
        .filter(
          ({ specifier, target }) =>
            specifier.startsWith('../') && !target.startsWith(homeOf(file.path)),
        )
        .map(({ specifier, target }) => `${file.path} imports ${specifier}: write #${target}`),
    )
}

/** Every package that is imported is in the table, and only at home. */
export function packagesHaveHomes(
  files: Files,
  homes: Readonly<Record<string, readonly string[]>>,
): string[] {
  return files.flatMap((file) =>
    file.imports
      .filter(({ specifier }) => !/^(?:[.#]|node:)/.test(specifier))
      .filter(({ target }) => !startsWithAny(file.path, homes[target] ?? []))
      .map(
        ({ target }) =>
          `${file.path} imports ${target}: only ${listOf(homes[target])} may; go through what it exports`,
      ),
  )
}

/**
 * server/a/b.ts has test/server/a/b.test.ts, where it does anything. Files of one family (`pfx-read.ts`, `pfx-write.ts`) may share
 * `pfx.test.ts`. `exceptions`: path → reason.
 */
export function testsMirror(files: Files, exceptions: Readonly<Record<string, string>>): string[] {
  const known = new Set(files.map((file) => file.path))
  const logical = new Set(files.filter(hasLogic).map((file) => file.path))
  const missing = files
    .filter((file) => /^(?:server|shared|operator)\/|^scripts\//.test(file.path) && hasLogic(file))
    .filter((file) => !testsOf(file.path).some((mirror) => known.has(mirror)))
    .filter((file) => exceptions[file.path] === undefined)
    .map((file) => `${file.path} has no test: write ${mirrorOf(file.path)}`)
  const needless = Object.keys(exceptions)
    .filter((file) => !logical.has(file) || known.has(mirrorOf(file)))
    .map((file) => `${file} needs no exception from mirrored tests any more: delete its row`)
  return [...missing, ...needless]
}

/** Lines and exports. Biome sees to functions. */
export function budgets(files: Files, tables: readonly string[]): string[] {
  return files.flatMap((file) => {
    const isTable =
      startsWithAny(file.path, tables) || isTestPath(file.path) || isTableName(file.path)
    const linesMax = isTable ? 400 : 300
    const lines = file.text.split('\n').length - 1
    const exportsMax = isTable || file.path.endsWith('.types.ts') ? Number.POSITIVE_INFINITY : 8
    return [
      ...(lines > linesMax
        ? [`${file.path} has ${lines} lines of ${linesMax}: split it by what it does`]
        : []),
      ...(file.exports.length > exportsMax
        ? [
            `${file.path} exports ${file.exports.length} names of ${exportsMax}: split it by who needs them`,
          ]
        : []),
    ]
  })
}

export interface BannedWord {
  readonly word: RegExp
  /** What to write instead. */
  readonly use: string
  /** Beginnings of paths. */
  readonly in: readonly string[]
  readonly except: readonly string[]
}

/** Words that have a better one. */
export function bannedWords(files: Files, words: readonly BannedWord[]): string[] {
  return words.flatMap(({ word, use, in: places, except }) =>
    files
      .filter((file) => startsWithAny(file.path, places) && !startsWithAny(file.path, except))
      .flatMap((file) => {
        const found = word.exec(file.bare)
        return found === null
          ? []
          : [`${file.path}:${lineOf(file.bare, found.index)} says ${found[0]}: use ${use}`]
      }),
  )
}

/** Each code of each errors.ts is made somewhere. */
export function errorsAreUsed(files: Files): string[] {
  const tables = files.filter((file) =>
    /^(?:server|shared|operator)\/(?:.+\/)?errors\.ts$/.test(file.path),
  )
  return tables.flatMap((table) => {
    const name = /export const (\w+) = defineErrors\(/.exec(table.bare)?.[1]
    if (name === undefined) return []
    const made = new RegExp(`(?<=\\b${name}\\.)\\w+`, 'g')
    const used = new Set(
      files.flatMap((file) => (isTestPath(file.path) ? [] : (file.bare.match(made) ?? []))),
    )
    return codesOf(table)
      .filter((code) => !used.has(code))
      .map(
        (code) =>
          `${table.path}: nothing throws ${code}; throw it or delete its row (a code that was released stays reserved)`,
      )
  })
}

function codesOf(table: SourceFile): string[] {
  return [...table.bare.matchAll(/^ {2}(\w+): \{$/gm)].map(([, code = '']) => code)
}

function isTableName(file: string): boolean {
  return /\/(?:errors|limits)\.ts$/.test(file)
}

function isTestPath(file: string): boolean {
  return file.startsWith('test/')
}

/** Marks of unfinished work. */
export function nothingLeftToDo(files: Files): string[] {
  const mark = new RegExp(
    ['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].map((word) => `\\b${word}\\b`).join('|'),
  )
  return files.flatMap((file) => {
    const found = mark.exec(file.text)
    return found === null
      ? []
      : [
          `${file.path}:${lineOf(file.text, found.index)} says ${found[0]}: finish it, or open an issue`,
        ]
  })
}

/** Places that pages name in backquotes exist: `server/http/server.ts`, `test/flows`. `…`, `*` and `<…>` stand for something else. */
export function pagesNameWhatExists(paths: readonly string[], readPage = readText): string[] {
  const folders = new Set(paths.flatMap((file) => parentsOf(file)))
  const known = new Set(paths)
  const pages = paths.filter((file) => file.endsWith('.md') && !file.startsWith('docs/reference/'))
  return pages.flatMap((page) =>
    [
      ...readPage(page).matchAll(
        /`((?:server|shared|operator|test|scripts|docs|bench|examples)\/[\w./-]*)`/g,
      ),
    ]
      .map(([, place = '']) => place)
      .filter((place) => !known.has(place) && !folders.has(place.replace(/\/$/, '')))
      .map((place) => `${page} names ${place}, which does not exist: say where it is now`),
  )
}

/** Files that drawings name, in the code blocks of pages, exist somewhere under that name: `apply.ts`, `dns/name.ts`. */
export function drawingsNameWhatExists(paths: readonly string[], readPage = readText): string[] {
  const pages = paths.filter((file) => file.endsWith('.md'))
  return pages.flatMap((page) =>
    [...readPage(page).matchAll(/^```\n([\s\S]*?)^```/gm)]
      .flatMap(([, drawing = '']) => drawing.match(/[\w/-][\w./-]*\.(?:ts|mjs)\b/g) ?? [])
      .map((name) => name.replace(/^[./]+/, ''))
      .filter((name) => !paths.some((file) => file === name || file.endsWith(`/${name}`)))
      .map((name) => `${page} draws ${name}, which does not exist: say where it is now`),
  )
}

function parentsOf(file: string): string[] {
  const parts = file.split('/')
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'))
}

/** A clone works anywhere: no file names a folder outside it, or the host that packages came from. */
export function standsAlone(paths: readonly string[]): string[] {
  const signs = [
    '/wo' + 'rk/',
    '/ro' + 'ot/',
    '../sha' + 'red',
    'registry.npm' + 'js',
    '"resol' + 'ved":',
  ]
  return paths
    .filter((file) => !/\.(?:png|ico|pfx|gz|zip)$/.test(file))
    .flatMap((file) => {
      const text = readText(file)
      return signs
        .filter((sign) => text.includes(sign))
        .map(
          (sign) =>
            `${file}:${lineOf(text, text.indexOf(sign))} names ${sign}: a clone must stand alone`,
        )
    })
}

function targetsOfOurs(file: SourceFile, folders: readonly string[]): string[] {
  const targets = file.imports.map(({ target }) => target)
  return targets.filter((target) => folders.some((folder) => target.startsWith(`${folder}/`)))
}

/**
 * `server/http/routes/a.ts` → `http`; `server/app.ts` → `app`; `server/config-schema.ts` → `config`, its family; any other loose file →
 * the folder's own name, where that is a layer.
 */
function partOf(file: string, folder: string, layers: readonly string[]): string {
  const [first = '', ...rest] = file.slice(folder.length + 1).split('/')
  if (rest.length > 0) return first
  const stem = first.replace(/\.\w+$/, '')
  const family = layers.find((layer) => stem === layer || stem.startsWith(`${layer}-`))
  const own = path.posix.basename(folder)
  return family ?? (layers.includes(own) ? own : stem)
}

function homeOf(file: string): string {
  const parts = file.split('/')
  return `${parts.slice(0, parts.length > 2 ? 2 : 1).join('/')}/`
}

/** True for anything but types, constants and tables of those. */
function hasLogic(file: SourceFile): boolean {
  return (
    !/\.types\.ts$/.test(file.path) &&
    !isTableName(file.path) &&
    /\bfunction\b|=>\s*[^;]|\bclass\b/.test(withoutTypes(file.bare))
  )
}

function withoutTypes(bare: string): string {
  return bare.replace(
    /^(?:export )?(?:declare )?(?:interface|type|module)\b[\s\S]*?(?=^\}|^\S|(?![\s\S]))/gm,
    '',
  )
}

function mirrorOf(file: string): string {
  return `test/${file.replace(/\.(?:ts|mjs)$/, '.test.ts')}`
}

/** Its own test, or its family's. */
function testsOf(file: string): string[] {
  return [mirrorOf(file), mirrorOf(file).replace(/-[a-z]+(?=\.test\.ts$)/, '')]
}

function firstOf(file: string): string {
  return file.slice(0, file.indexOf('/'))
}

function startsWithAny(file: string, beginnings: readonly string[]): boolean {
  return beginnings.some((beginning) => file.startsWith(beginning))
}

function listOf(names: readonly string[] | undefined): string {
  return names === undefined || names.length === 0 ? 'none' : names.join(', ')
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}

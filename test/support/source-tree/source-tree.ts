/** The files of this repository as rules look at them: paths, texts, imports and exports. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { mask } from './mask.ts'

export interface Import {
  /** As written, e.g. `#server/errors.ts`. */
  readonly specifier: string
  /** What it leads to: a path from the root, or the name of a package (`node:fs` stays as it is). */
  readonly target: string
  /** Erased before it runs. */
  readonly isType: boolean
}

export interface SourceFile {
  /** From the root, with slashes: `server/http/server.ts`. */
  readonly path: string
  readonly text: string
  readonly code: string
  readonly bare: string
  readonly imports: readonly Import[]
  /** Names of what runs, in order; types not counted. */
  readonly exports: readonly string[]
}

/** The root of the repository. */
export const root = path.resolve(import.meta.dirname, '../../..')

const notOurs = new Set(['node_modules', '.git', 'strongroom-data', 'coverage'])

/** Paths of all files of the repository below `folder`, sorted. */
export function filePaths(folder = ''): string[] {
  const entries = readdirSync(path.join(root, folder), { withFileTypes: true })
  const found = entries
    .filter((entry) => !notOurs.has(entry.name))
    .flatMap((entry) => {
      const file = path.posix.join(folder, entry.name)
      return entry.isDirectory() ? filePaths(file) : [file]
    })
  return found.sort()
}

export function readText(file: string): string {
  return readFileSync(path.join(root, file), 'utf8')
}

export function sourceFile(file: string, text: string): SourceFile {
  const masked = mask(text)
  return {
    path: file,
    text,
    ...masked,
    imports: importsOf(file, masked.code),
    exports: exportsOf(masked.bare),
  }
}

/** All `.ts` and `.mjs` files. */
export function sourceFiles(paths: readonly string[]): SourceFile[] {
  const sources = paths.filter((file) => /\.(?:ts|mjs)$/.test(file))
  return sources.map((file) => sourceFile(file, readText(file)))
}

const importForms = [
  // import … from '…' and export … from '…'
  /^(?:import|export)\b(?<clause>[\w\s{},*$]*?)\bfrom\s*['"](?<specifier>[^'"]+)['"]/gm,
  // import '…'
  /^import(?<clause>\s*)['"](?<specifier>[^'"]+)['"]/gm,
  // await import('…') and the types import('…').X
  /\bimport(?<clause>)\(\s*['"](?<specifier>[^'"]+)['"]/g,
]

function importsOf(file: string, code: string): Import[] {
  return importForms.flatMap((form) =>
    [...code.matchAll(form)].map(({ groups }) => {
      const { specifier = '', clause = '' } = groups ?? {}
      const isType = /^\s*type\b/.test(clause)
      return { specifier, target: targetOf(file, specifier), isType }
    }),
  )
}

function targetOf(file: string, specifier: string): string {
  if (specifier.startsWith('.')) return path.posix.join(path.posix.dirname(file), specifier)
  if (specifier.startsWith('#')) return specifier.slice(1)
  if (specifier.startsWith('node:')) return specifier
  const parts = specifier.split('/')
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
}

const exported =
  /^export\s+(?:default|abstract\s+class|(?:async\s+)?function\*?|class|const|let)\s+(?<name>\w+)?/gm

function exportsOf(bare: string): string[] {
  return [...bare.matchAll(exported)].map(({ groups: { name = 'default' } = {} }) => name)
}

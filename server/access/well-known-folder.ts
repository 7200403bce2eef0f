/**
 * A folder with the certificates of administrators, e.g. a mounted ConfigMap: read live.
 *
 * Only what lies there now counts. A file that cannot be read lets in nobody, also not whom it named before; the others count.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { certificateCheckMs, wellKnownFileBytesMax, wellKnownFilesMax } from '#server/limits.ts'
import { FileWatch, fileMark, steadyLook } from '#shared/file-watch.ts'
import { contentFolder } from '#shared/files.ts'
import { type Certificate, readCertificates } from '#shared/pki/certificate.ts'
import { accessErrors } from './errors.ts'

export interface WellKnownFolderParts {
  readonly path: string
  /** Told of each changed content. */
  readonly changed: (content: WellKnownContent) => void
  readonly everyMs?: number
}

export interface WellKnownContent {
  /** By the SHA-256 of all their bytes. */
  readonly certificates: ReadonlyMap<string, Certificate>
  /** What could not be used, e.g. `next.crt: …`; one line each. */
  readonly trouble: readonly string[]
}

export class WellKnownFolder implements AsyncDisposable {
  readonly #watch: FileWatch<WellKnownContent>
  #content: WellKnownContent

  /** Throws `WellKnownFolderUnreadable`. */
  static async open(parts: WellKnownFolderParts): Promise<WellKnownFolder> {
    const { path } = parts
    await certificateFiles(path).catch((error: unknown) => {
      throw accessErrors.WellKnownFolderUnreadable(path, reasonOf(error))
    })
    const { mark, content } = await steadyLook(watched(path))
    return new WellKnownFolder(parts, mark, content ?? nothing)
  }

  private constructor(
    { path, changed, everyMs = certificateCheckMs }: WellKnownFolderParts,
    mark: string,
    content: WellKnownContent,
  ) {
    this.#content = content
    changed(content)
    const take = (next: WellKnownContent): void => {
      this.#content = next
      changed(next)
    }
    const refused = (error: unknown): void =>
      take({ certificates: new Map(), trouble: [`${path}: ${reasonOf(error)}`] })
    this.#watch = new FileWatch({ ...watched(path), take, refused, everyMs }, mark)
  }

  get certificates(): ReadonlyMap<string, Certificate> {
    return this.#content.certificates
  }

  /** Looks at the folder now. */
  look(): Promise<void> {
    return this.#watch.look()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]()
  }
}

const nothing: WellKnownContent = { certificates: new Map(), trouble: [] }

function watched(path: string) {
  return { mark: () => folderMark(path), load: () => readFolder(path) }
}

/** Never empty: that a folder is gone is a change like any other. */
async function folderMark(path: string): Promise<string> {
  const files = await certificateFiles(path).catch(reasonOf)
  if (typeof files === 'string') return files
  // One that cannot be looked at has a mark too.
  const marks = files
    .slice(0, wellKnownFilesMax)
    .map(async (file) => (await fileMark([file])) || `${file} unreadable`)
  return [`${files.length} files`, ...(await Promise.all(marks))].join('\n')
}

async function readFolder(path: string): Promise<WellKnownContent> {
  const files = await certificateFiles(path)
  const certificates = new Map<string, Certificate>()
  const trouble =
    files.length > wellKnownFilesMax
      ? [`${path}: it holds ${files.length} certificates; the first ${wellKnownFilesMax} count`]
      : []
  for (const file of files.slice(0, wellKnownFilesMax)) {
    try {
      for (const one of await certificatesIn(file)) certificates.set(one.sha256, one)
    } catch (error) {
      trouble.push(`${file}: ${reasonOf(error)}`)
    }
  }
  return { certificates, trouble }
}

/** Paths in the order of their names. */
async function certificateFiles(path: string): Promise<string[]> {
  const folder = await contentFolder(path)
  const names = (await readdir(folder)).filter((name) => /^[^.].*\.(?:crt|pem|cer)$/i.test(name))
  return names.sort().map((name) => join(folder, name))
}

async function certificatesIn(file: string): Promise<Certificate[]> {
  const found = await stat(file)
  // A pipe would never end.
  if (!found.isFile()) throw new Error('it is not a file')
  const { size } = found
  if (size > wellKnownFileBytesMax) throw new Error(`it has ${size} bytes`)
  return readCertificates(await readFile(file))
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

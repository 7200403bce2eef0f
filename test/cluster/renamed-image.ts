/** The project's image under another name: an archive differs from the other one in its list of names alone. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './run.ts'

export interface Archive extends Disposable {
  readonly path: string
}

export async function renamedImage(archive: string, reference: string): Promise<Archive> {
  const work = mkdtempSync(join(tmpdir(), 'strongroom-renamed-'))
  const files = join(work, 'files')
  const path = join(work, 'image.tar')
  await run('sh', ['-c', 'mkdir "$1" && tar -xf "$2" -C "$1"', 'sh', files, archive])
  const manifest = join(files, 'manifest.json')
  const [image] = JSON.parse(readFileSync(manifest, 'utf8'))
  writeFileSync(manifest, JSON.stringify([{ ...image, RepoTags: [reference] }]))
  rmSync(join(files, 'repositories'), { force: true })
  await run('tar', ['-C', files, '-cf', path, '.'])
  return { path, [Symbol.dispose]: () => rmSync(work, { recursive: true, force: true }) }
}

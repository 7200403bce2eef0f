/** Image archives (docker's format) made by hand from a folder: what `ctr images import` takes as it is. No registry, no builder. */
import { createHash } from 'node:crypto'
import { createReadStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { run } from '../run.ts'
import { pauseImage } from './node.ts'

export interface ImageParts {
  readonly reference: string
  /** Folder that becomes the root of the image. */
  readonly root: string
  readonly archive: string
  /** The image's configuration in the OCI's words, e.g. `{ Entrypoint: ['/pause'] }`. */
  readonly config: Readonly<Record<string, unknown>>
}

export async function makeImage({ reference, root, archive, config }: ImageParts): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'strongroom-image-'))
  try {
    const layer = join(work, 'layer.tar')
    await run('tar', [
      '-C',
      root,
      '--sort=name',
      '--mtime=@0',
      '--owner=0',
      '--group=0',
      '--numeric-owner',
      '-cf',
      layer,
      '.',
    ])
    const digest = await sha256(layer)
    const description = {
      architecture: 'amd64',
      os: 'linux',
      config,
      rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
    }
    writeFileSync(join(work, 'config.json'), JSON.stringify(description))
    writeFileSync(
      join(work, 'manifest.json'),
      JSON.stringify([{ Config: 'config.json', RepoTags: [reference], Layers: ['layer.tar'] }]),
    )
    mkdirSync(dirname(archive), { recursive: true })
    await run('tar', ['-C', work, '-cf', archive, 'manifest.json', 'config.json', 'layer.tar'])
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

/** The process that holds a pod's namespaces: it sleeps, reaps, and ends when told. */
const pauseSource = `#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
static void end(int number) { (void)number; _exit(0); }
static void reap(int number) { (void)number; while (waitpid(-1, 0, WNOHANG) > 0) ; }
int main(void) {
  signal(SIGINT, end);
  signal(SIGTERM, end);
  signal(SIGCHLD, reap);
  for (;;) pause();
}
`

export async function makePauseImage(archive: string): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'strongroom-pause-'))
  try {
    await run('gcc', ['-Os', '-static', '-s', '-x', 'c', '-', '-o', join(root, 'pause')], {
      input: pauseSource,
    })
    await makeImage({
      reference: pauseImage,
      root,
      archive,
      config: { Entrypoint: ['/pause'], User: '65535:65535' },
    })
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

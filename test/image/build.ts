/**
 * Builds the project's image from its Dockerfile: with Docker where it runs, else with buildah, which needs no daemon and, with
 * the stand-in base, no registry. The archive lies in a cache under the hash of what goes into it.
 */
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, succeeds } from '#test/cluster/run.ts'
import { baseArchive, baseReference } from './base.ts'

const root = join(import.meta.dirname, '../..')
const inputs = [
  'Dockerfile',
  '.dockerignore',
  'package.json',
  'package-lock.json',
  '.npmrc',
  'shared',
  'server',
  'operator',
  'cli',
]

export interface Image {
  /** As pods name it. */
  readonly reference: string
  /** Docker's format. */
  readonly archive: string
}

export interface ImageBuild {
  /** Folder that outlives the checkout. */
  readonly cache: string
  readonly tell: (line: string) => void
}

export async function projectImage({ cache, tell }: ImageBuild): Promise<Image> {
  const hash = sourceHash()
  const image = {
    reference: `cluster.test/strongroom:${hash}`,
    archive: join(cache, `strongroom-${hash}.tar`),
  }
  if (existsSync(image.archive)) return image
  mkdirSync(cache, { recursive: true })
  const isDocker = await succeeds('docker', ['info'])
  tell(`Building the image with ${isDocker ? 'Docker' : 'buildah'}`)
  const draft = `${image.archive}.${process.pid}`
  try {
    await (isDocker ? withDocker : withBuildah)({ ...image, archive: draft }, cache)
    renameSync(draft, image.archive)
  } finally {
    rmSync(draft, { force: true })
  }
  return image
}

async function withDocker({ reference, archive }: Image): Promise<void> {
  await run('docker', ['build', '--tag', reference, root], {
    show: true,
    env: { ...process.env, DOCKER_BUILDKIT: '1' },
  })
  await run('docker', ['save', '--output', archive, reference])
}

/** `--isolation chroot`: no bridge and no firewall rule of this machine is touched. */
async function withBuildah({ reference, archive }: Image, cache: string): Promise<void> {
  const base = await baseArchive(cache)
  const work = mkdtempSync(join(tmpdir(), 'strongroom-buildah-'))
  const store = ['--root', join(work, 'store'), '--runroot', join(work, 'run')]
  const npmrc = join(work, 'npmrc')
  // The machine's own authorities, for the time of the build only: its way out may be looked into.
  writeFileSync(
    npmrc,
    'cafile=/etc/ssl/certs/ca-certificates.crt\nfund=false\naudit=false\nupdate-notifier=false\n',
  )
  try {
    await run('buildah', [...store, 'pull', '--policy', 'never', `docker-archive:${base}`]).catch(
      () => run('buildah', [...store, 'pull', `docker-archive:${base}`]),
    )
    await run(
      'buildah',
      [
        ...store,
        'build',
        '--isolation',
        'chroot',
        '--pull=never',
        '--format',
        'docker',
        '--build-arg',
        `NODE_IMAGE=${baseReference}`,
        '--volume',
        '/etc/ssl/certs/ca-certificates.crt:/etc/ssl/certs/ca-certificates.crt:ro',
        '--volume',
        `${npmrc}:/usr/local/etc/npmrc:ro`,
        '--tag',
        reference,
        root,
      ],
      { show: true },
    )
    await run('buildah', [...store, 'push', reference, `docker-archive:${archive}:${reference}`])
  } finally {
    await run('buildah', [...store, 'rmi', '--all', '--force']).catch(() => '')
    await run('umount', ['-q', '-l', join(work, 'store', 'overlay')]).catch(() => '')
    rmSync(work, { recursive: true, force: true })
  }
}

function sourceHash(): string {
  const hash = createHash('sha256')
  for (const file of inputs.flatMap((input) => filesOf(join(root, input)))) {
    hash.update(file.slice(root.length))
    hash.update(readFileSync(file))
  }
  return hash.digest('hex').slice(0, 16)
}

function filesOf(path: string): string[] {
  if (!existsSync(path)) return []
  if (statSync(path).isFile()) return [path]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

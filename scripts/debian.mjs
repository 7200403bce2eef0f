/**
 * What tests need of the machine beside Node, as Debian packages.
 *
 * They are installed only as root on a machine without Docker, which is a build machine or a container: nobody's own.
 * Elsewhere the command is named, and the tests that need them fail with what they miss.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import path from 'node:path'
import { phases } from './phases.mjs'

/**
 * @typedef {{ package: string, file: string, why: string, for: readonly string[], insteadOfDocker?: boolean }} Need
 * `file`: a program on PATH, or an absolute path; `for`: phases that need it; `insteadOfDocker`: not where Docker runs
 */

/** @type {readonly Need[]} */
export const needs = [
  {
    package: 'openssl',
    file: 'openssl',
    why: 'certificates and PFX files that another program made and reads',
    for: ['unit', 'flows', 'cluster'],
  },
  {
    package: 'faketime',
    file: 'faketime',
    why: 'tests on other days than today',
    for: phases.filter((phase) => phase.day !== undefined).map((phase) => phase.name),
  },
  { package: 'curl', file: 'curl', why: 'the lines of the guides', for: ['cluster'] },
  ...builtCluster('runc', 'runc', 'containers of the built Kubernetes'),
  ...builtCluster('nftables', 'nft', 'Services and policies of the built Kubernetes'),
  ...builtCluster('iproute2', 'ip', 'networks of the built Kubernetes'),
  ...builtCluster('util-linux', 'nsenter', 'machines of the built Kubernetes'),
  ...builtCluster('buildah', 'buildah', 'the image, without a daemon'),
  ...builtCluster('gcc', 'gcc', 'the pause image'),
  ...builtCluster('libc6-dev', '/usr/include/stdlib.h', 'the pause image'),
]

/**
 * @param {string} name of the package
 * @param {string} file
 * @param {string} why
 * @returns {readonly Need[]}
 */
function builtCluster(name, file, why) {
  return [{ package: name, file, why, for: ['cluster'], insteadOfDocker: true }]
}

/**
 * @param {readonly string[]} phases
 * @param {(file: string) => boolean} isThere
 * @param {boolean} [canBuild] whether a Kubernetes would be built, since there is no Docker
 */
export function missingNeeds(
  phases,
  isThere,
  canBuild = process.platform === 'linux' && !docker(),
) {
  return needs.filter(
    (need) =>
      need.for.some((phase) => phases.includes(phase)) &&
      (canBuild || !need.insteadOfDocker) &&
      !isThere(need.file),
  )
}

/** @param {string} file */
export function isThere(file) {
  if (path.isAbsolute(file)) return existsSync(file)
  return (process.env.PATH ?? '')
    .split(path.delimiter)
    .some((folder) => isExecutable(path.join(folder, file)))
}

/** True where packages may be installed without asking. */
export function mayInstall() {
  return process.getuid?.() === 0 && !docker() && isThere('apt-get')
}

function docker() {
  return process.env.DOCKER_HOST !== undefined || existsSync('/var/run/docker.sock')
}

/**
 * Names the missing packages on screen, and installs them where `may`.
 * @param {readonly Need[]} missing
 * @param {{ may: boolean, tell: (line: string) => void, run?: (command: string, args: string[]) => boolean }} means
 */
export function provide(missing, { may, tell, run = runShown }) {
  if (missing.length === 0) return
  const names = missing.map((need) => need.package)
  for (const need of missing) tell(`Missing: Debian package ${need.package} (${need.why})`)
  if (!may) {
    tell(`Install with: sudo apt-get install --no-install-recommends ${names.join(' ')}`)
    return
  }
  tell(`Installing: ${names.join(' ')}`)
  const install = ['install', '--yes', '--no-install-recommends', ...names]
  if (!run('apt-get', ['update', '--quiet']) || !run('apt-get', install)) {
    tell(`apt-get could not install ${names.join(' ')}: tests that need them will fail`)
  }
}

/** @param {string} command @param {string[]} args */
function runShown(command, args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], env }).status === 0
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

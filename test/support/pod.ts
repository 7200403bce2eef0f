/**
 * A server as its pod runs it, without a Kubernetes: the arguments of the StatefulSet, the folders as kubelet mounts them, and,
 * where the test may, another user whom those folders do not belong to.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Strongroom } from '#operator/api/strongroom.ts'
import { mounts, serverArguments } from '#operator/strongrooms/desired/statefulset.ts'
import { dateVariables } from '#scripts/days.mjs'
import { portOf } from './http-calls.ts'
import { type Contents, type Mounted, mounted } from './mounted.ts'

export interface PodContents {
  readonly internalTls: Contents
  /** An optional Secret that is not there makes an empty folder. */
  readonly serverTls: Contents
  readonly masterKey: Contents
  readonly admins: Contents
}

export interface Pod extends AsyncDisposable {
  readonly port: number
  readonly folders: Readonly<Record<keyof PodContents, Mounted>>
  /** Root of the data volume: it belongs to root, and to the group of the pod. */
  readonly data: string
  /** User and group of the server; those of the test where it may not choose. */
  readonly user: number | undefined
  /** Runs the command of the image with these words before the arguments of the StatefulSet. */
  run(verb: 'server' | 'health'): PodProcess
}

export interface PodProcess extends AsyncDisposable {
  readonly child: ChildProcess
  readonly output: () => string
  readonly log: () => string
  /** Resolves when it says that it is available; rejects with its log where it ends before. */
  readonly available: Promise<void>
  /** Exit code. */
  readonly ended: Promise<number | null>
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>
}

const command = path.join(import.meta.dirname, '../../cli/main.ts')
/** Of the pod, as in the StatefulSet. */
const podUser = 65_532

/** Mounts everything and takes a free port; nothing runs yet. */
export async function pod(cluster: Strongroom, contents: PodContents): Promise<Pod> {
  const root = await mkdtemp(path.join(tmpdir(), 'strongroom-pod-'))
  await chmod(root, 0o755)
  const user = mayBeAnother() ? podUser : undefined
  const secret = { mode: user === undefined ? 0o400 : 0o440, ...(user && { group: user }) }
  const at = (name: keyof typeof mounts) => path.join(root, mounts[name])
  const folders = {
    internalTls: await mounted(at('internalTls'), contents.internalTls, secret),
    serverTls: await mounted(at('serverTls'), contents.serverTls, secret),
    masterKey: await mounted(at('masterKey'), contents.masterKey, secret),
    admins: await mounted(at('admins'), contents.admins),
  }
  await dataVolume(at('data'), user)
  const port = await freePort()
  const args = serverArguments(cluster)
    .slice(1)
    .map((word) => inFolder(word, root))
    .map((word) => word.replace('//0.0.0.0:8443', `//127.0.0.1:${port}`))
  return {
    ...{ port, folders, data: at('data'), user },
    run: (verb) => podProcess([command, verb, ...args], user),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  }
}

/** What fsGroup makes of a fresh volume. */
async function dataVolume(data: string, group: number | undefined): Promise<void> {
  await mkdir(data)
  if (group !== undefined) await chown(data, 0, group)
  await chmod(data, 0o2775)
}

function inFolder(word: string, root: string): string {
  const found = Object.values(mounts).find((mount) => word.endsWith(`=${mount}`))
  return found === undefined ? word : word.replace(`=${found}`, `=${path.join(root, found)}`)
}

/** Only root may, and only where the other user can read the checkout. */
function mayBeAnother(): boolean {
  if (process.getuid?.() !== 0) return false
  const reading = ['-e', 'require("node:fs").accessSync(process.argv[1])', command]
  return spawnSync(process.execPath, reading, asUser(podUser)).status === 0
}

/** Somewhere that he cannot write, as in an image whose root is read-only. */
function asUser(user: number | undefined) {
  return user === undefined ? {} : { uid: user, gid: user, cwd: '/' }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = portOf(server)
  server.close()
  await once(server, 'close')
  return port
}

function podProcess(words: readonly string[], user: number | undefined): PodProcess {
  const child = spawn(process.execPath, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: dateVariables(process.env),
    ...asUser(user),
  })
  const texts = { output: '', log: '' }
  child.stderr.on('data', (chunk) => (texts.log += chunk))
  const ended = once(child, 'close').then(() => child.exitCode)
  const available = new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      texts.output += chunk
      if (texts.output.includes('\n')) resolve()
    })
    void ended.then((code) => reject(new Error(`It ended with ${code}:\n${texts.log}`)))
  })
  // Whoever does not wait for it is not told.
  available.catch(() => undefined)
  const end = (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal)
    return ended
  }
  return {
    ...{ child, ended, available, output: () => texts.output, log: () => texts.log },
    stop: () => end('SIGTERM'),
    [Symbol.asyncDispose]: async () => void (await end('SIGKILL')),
  }
}

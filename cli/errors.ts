/**
 * What the command could not do. The code stands after the text; 400 is a wrong command (exit code 2), 504 is something that was asked
 * for and has not come in time (exit code 3), all others end with 1.
 */
import { defineErrors } from '#shared/errors.ts'

const wrongCommand = { status: 400, type: 'Strongroom.Command' } as const
const notPossible = { status: 409, type: 'Strongroom.Command' } as const
const overdue = { status: 504, type: 'Strongroom.Command' } as const
const noCluster = { status: 503, type: 'Strongroom.Command' } as const

export const cliErrors = defineErrors({
  /** No verb, flag or value of that kind, or one too many. */
  CommandInvalid: {
    ...wrongCommand,
    message: (found: string, verb: string) =>
      `Cannot understand the command: ${found}. See strongroom ${verb} --help`,
  },
  /** The file is missing or damaged, or asks for something that this command does not do. */
  KubeconfigUnusable: {
    ...noCluster,
    message: (found: string) =>
      `Cannot reach the API server: ${found}. Name another file with --kubeconfig or KUBECONFIG, or another context with --context`,
  },
  /** The program that the kubeconfig names gave no credentials. */
  CredentialsMissing: {
    ...noCluster,
    message: (program: string, found: string) =>
      `Cannot get credentials: "${program}" of the kubeconfig ${found}. Run it by hand to see why`,
  },
  /** No connection, or one that cannot be verified. */
  ApiServerUnreachable: {
    ...noCluster,
    message: (server: string, found: string) =>
      `Cannot reach the API server: ${server} did not answer: ${found}. See whether kubectl version reaches it`,
  },
  /** The API server said no; its own words follow. */
  ApiServerRefused: {
    ...notPossible,
    message: (status: number, found: string) =>
      `Cannot ask the API server: it refused with ${status}: ${found}. See kubectl auth can-i for what you may`,
  },
  /** The kinds are not installed in this cluster. */
  KindsMissing: {
    ...notPossible,
    message: (kind: string) =>
      `Cannot look for resources: this cluster has no kind ${kind}. Install the chart, or kubectl apply --server-side -f crds/`,
  },
  /** Nothing of that name is there. */
  ResourceMissing: {
    ...notPossible,
    message: (what: string, namespace: string) =>
      `Cannot find ${what}: it is not in namespace ${namespace}. See kubectl get strongroom-all --all-namespaces`,
  },
  /** Nothing was issued, or not by an issuer. */
  NothingIssued: {
    ...notPossible,
    message: (what: string, found: string) => `Cannot do that with ${what}: ${found}`,
  },
  /** `--wait` is over, and the members serve what they served before. The operator goes on. */
  ReplacementOverdue: {
    ...overdue,
    message: (name: string, time: string, found: string) =>
      `Cannot wait longer for another certificate of Strongroom "${name}": none is served after ${time}: ${found}. The operator goes on; see strongroom status ${name}`,
  },
})

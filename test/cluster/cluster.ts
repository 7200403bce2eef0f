/**
 * A real Kubernetes for tests, in two kinds: `built` from Go modules in namespaces of this machine, or `kind` where Docker runs.
 *
 * What a test may assume: nodes are ready, a default StorageClass makes volumes, DNS resolves Services and pods, pods reach
 * each other. Power cut and partition exist on the built kind only.
 */

export interface Cluster extends AsyncDisposable {
  readonly kind: 'built' | 'kind'
  /** File by which kubectl and the operator reach it as administrator. */
  readonly kubeconfig: string
  /** Path of the kubectl program. */
  readonly kubectlProgram: string
  /** Runs kubectl and returns its standard output; throws with its standard error. */
  kubectl(...args: readonly string[]): Promise<string>
  /** `kubectl apply -f -` of that text. */
  apply(yaml: string, ...args: readonly string[]): Promise<string>
  /** Makes an image archive (docker format) known to every node. */
  loadImage(archive: string): Promise<void>
  /** An address of this machine that pods and nodes reach, and that reaches pods and Services; nothing where there is none. */
  readonly hostAddress: string | undefined
  /** Faults; nothing on a cluster that cannot have them. */
  readonly faults: Faults | undefined
  /** Lines that the API server wrote to its audit log since the start; nothing where there is none. */
  auditLines(): AsyncIterable<string>
}

export interface Faults {
  /** Pulls the plug of a node: every process of it is gone at once, its disk stays. */
  cutPower(node: number): Promise<void>
  /** Boots a node whose power was cut. */
  boot(node: number): Promise<void>
  /** Cuts the node's network; its pods run on. */
  partition(node: number): Promise<void>
  heal(node: number): Promise<void>
  /** To the process of a container, by the id that its pod's status names. Where it dies of it, kubelet starts another one in its place. */
  signalContainer(node: number, id: string, signal: 'SIGKILL' | 'SIGSTOP'): Promise<void>
  /** Kills API server, etcd, controllers and DNS; nodes and pods run on. */
  stopControlPlane(): Promise<void>
  startControlPlane(): Promise<void>
}

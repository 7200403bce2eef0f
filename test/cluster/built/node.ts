/**
 * A node as one machine: containerd, kubelet and kube-proxy. Its disk is a folder, its /run is memory: after a power cut it
 * boots with the one and without the other, as a real one does.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  allPods,
  apiAddress,
  type Layout,
  nodeAddress,
  nodeFolder,
  nodeNamespace,
  podRange,
} from './layout.ts'
import type { MachineParts } from './machine.ts'

export interface NodeParts {
  readonly layout: Layout
  readonly node: number
  /** Image archives that are imported at each boot; the first must be the pause image. */
  readonly images: readonly string[]
}

export const pauseImage = 'cluster.test/pause:1'

export function nodeMachine({ layout, node, images }: NodeParts): MachineParts {
  const folder = nodeFolder(layout, node)
  for (const name of ['kubelet', 'containerd', 'cni', 'varlog', 'log'])
    mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, 'containerd.toml'), containerdConfig(layout, folder))
  writeFileSync(join(folder, 'cni', '10-cluster.conflist'), networkConfig(layout, node))
  writeFileSync(join(folder, 'kubelet.json'), kubeletConfig(layout, node))
  writeFileSync(join(folder, 'proxy.json'), proxyConfig(layout, node))
  return {
    name: nodeNamespace(layout, node),
    script: [mounts(folder), services(layout, { folder, node, images })].join('\n'),
  }
}

/**
 * kubelet writes three settings of the kernel for the whole machine and refuses to start where it cannot. It is shown files
 * that already have its values, so that the machine keeps its own.
 */
function mounts(folder: string): string {
  const settings = [
    ['vm/overcommit_memory', '1'],
    ['kernel/panic', '10'],
    ['kernel/panic_on_oops', '1'],
  ] as const
  return [
    'umount -l /run/netns/* 2>/dev/null',
    'mount --make-rshared /',
    'mount -t tmpfs tmpfs /run',
    'mkdir -p /run/containerd /run/lock /var/lib/cni',
    'mount -t tmpfs tmpfs /var/lib/cni',
    `mount --bind ${folder}/varlog /var/log`,
    'echo 1 >/proc/sys/net/ipv4/ip_forward',
    ...settings.flatMap(([name, value]) => {
      const file = `/run/setting.${name.replace('/', '.')}`
      return [`echo ${value} >${file}`, `mount --bind ${file} /proc/sys/${name}`]
    }),
  ].join('\n')
}

function services(
  layout: Layout,
  {
    folder,
    node,
    images,
  }: { readonly folder: string; readonly node: number; readonly images: readonly string[] },
): string {
  const { bin, pki } = layout
  const socket = '/run/containerd/containerd.sock'
  const ctr = `${bin}/ctr -a ${socket} -n k8s.io`
  // The shim is found on PATH.
  return [
    `export PATH=${bin}:/usr/sbin:/sbin:/usr/bin:/bin`,
    `containerd -c ${folder}/containerd.toml >>${folder}/log/containerd.log 2>&1 &`,
    `until ${ctr} version >/dev/null 2>&1; do sleep 0.1; done`,
    ...images.map((image) => `${ctr} images import ${image} >>${folder}/log/images.log 2>&1`),
    `until ${bin}/kubectl --kubeconfig=${pki}/n${node}.conf get --raw=/readyz >/dev/null 2>&1; do sleep 0.1; done`,
    `kubelet --config=${folder}/kubelet.json --kubeconfig=${pki}/n${node}.conf --root-dir=${folder}/kubelet --hostname-override=n${node} --node-ip=${nodeAddress(layout, node)} >>${folder}/log/kubelet.log 2>&1 &`,
    `kube-proxy --config=${folder}/proxy.json >>${folder}/log/kube-proxy.log 2>&1 &`,
    'wait',
  ].join('\n')
}

function containerdConfig({ bin }: Layout, folder: string): string {
  return `version = 3
root = "${folder}/containerd"
state = "/run/containerd"
oom_score = 0
disabled_plugins = ["io.containerd.nri.v1.nri", "io.containerd.snapshotter.v1.blockfile", "io.containerd.snapshotter.v1.erofs", "io.containerd.differ.v1.erofs"]
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "${pauseImage}"
[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = ["${bin}/cni"]
    conf_dir = "${folder}/cni"
  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
      BinaryName = "/usr/sbin/runc"
      SystemdCgroup = false
`
}

function networkConfig(layout: Layout, node: number): string {
  const ipam = {
    type: 'host-local',
    dataDir: '/run/cni-ipam',
    ranges: [[{ subnet: podRange(layout, node) }]],
    routes: [{ dst: '0.0.0.0/0' }],
  }
  return JSON.stringify({
    cniVersion: '1.0.0',
    name: 'cluster',
    plugins: [
      { type: 'bridge', bridge: 'cni0', isGateway: true, hairpinMode: true, ipMasq: false, ipam },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  })
}

function kubeletConfig(layout: Layout, node: number): string {
  const { pki, name } = layout
  const folder = nodeFolder(layout, node)
  return JSON.stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    failCgroupV1: false,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${name}/n${node}`,
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${pki}/ca.crt` },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: `${pki}/n${node}.crt`,
    tlsPrivateKeyFile: `${pki}/n${node}.key`,
    clusterDNS: [apiAddress(layout)],
    clusterDomain: 'cluster.local',
    resolvConf: '/dev/null',
    configMapAndSecretChangeDetectionStrategy: 'Watch',
    podLogsDir: `${folder}/varlog/pods`,
    volumePluginDir: `${folder}/kubelet/plugins-exec`,
    oomScoreAdj: 0,
    failSwapOn: false,
    // What is killed again and again is there again at once.
    crashLoopBackOff: { maxContainerRestartPeriod: '1s' },
    imageGCHighThresholdPercent: 100,
    evictionHard: {
      'memory.available': '100Mi',
      'nodefs.available': '1%',
      'imagefs.available': '1%',
    },
    nodeStatusUpdateFrequency: '4s',
    nodeLeaseDurationSeconds: 8,
  })
}

function proxyConfig(layout: Layout, node: number): string {
  return JSON.stringify({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig: `${layout.pki}/proxy.conf` },
    hostnameOverride: `n${node}`,
    mode: 'nftables',
    oomScoreAdj: 0,
    clusterCIDR: allPods(layout),
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  })
}

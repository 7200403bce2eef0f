/**
 * The control plane as one machine: etcd, API server, controller manager, scheduler, DNS, volumes and network policies.
 *
 * What is unusual has a reason. `--kube-api-qps`: with the default the controllers take 4 s longer to start. DNS runs beside
 * the API server and not in a pod, so that it survives the power cut of any node. etcd does not sync: a test cluster is thrown away.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { apiAddress, type Layout, nodeNamespace, nodeNumbers, serviceRange } from './layout.ts'
import type { MachineParts } from './machine.ts'

export function controlPlane(layout: Layout): MachineParts {
  const { run, pki, name } = layout
  writeFileSync(join(run, 'addons.yaml'), addons)
  writeFileSync(join(run, 'audit.yaml'), auditPolicy(layout))
  writeFileSync(join(run, 'Corefile'), corefile(layout))
  mkdirSync(join(run, 'volumes'), { recursive: true })
  const kubectl = `${layout.bin}/kubectl --kubeconfig=${pki}/admin.conf`
  return {
    name,
    script: [
      'ip link set lo up',
      start(layout, 'etcd', etcd(layout)),
      start(layout, 'kube-apiserver', apiServer(layout)),
      `until ${kubectl} get --raw=/readyz >/dev/null 2>&1; do sleep 0.2; done`,
      start(layout, 'kube-controller-manager', controllerManager(layout)),
      start(layout, 'kube-scheduler', scheduler(layout)),
      `${kubectl} apply -f ${run}/addons.yaml`,
      start(layout, 'coredns', [`${layout.bin}/coredns`, '-conf', `${run}/Corefile`]),
      start(layout, 'addons', [
        process.execPath,
        join(import.meta.dirname, 'addons.ts'),
        `${pki}/admin.conf`,
        `${run}/volumes`,
        apiAddress(layout),
        ...nodeNumbers(layout).map((node) => nodeNamespace(layout, node)),
      ]),
      'wait',
    ].join('\n'),
  }
}

function start({ run }: Layout, name: string, command: readonly string[]): string {
  return `${command.map((word) => `'${word}'`).join(' ')} >>${run}/log/${name}.log 2>&1 &`
}

function etcd({ bin, run }: Layout): readonly string[] {
  const client = 'http://127.0.0.1:2379'
  const peer = 'http://127.0.0.1:2380'
  return [
    `${bin}/etcd`,
    '--name=e',
    `--data-dir=${run}/etcd`,
    '--unsafe-no-fsync',
    '--log-level=warn',
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=e=${peer}`,
  ]
}

function apiServer(layout: Layout): readonly string[] {
  const { bin, pki, run } = layout
  return [
    `${bin}/kube-apiserver`,
    '--etcd-servers=http://127.0.0.1:2379',
    `--advertise-address=${apiAddress(layout)}`,
    '--secure-port=6443',
    `--service-cluster-ip-range=${serviceRange(layout)}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction,OwnerReferencesPermissionEnforcement',
    '--allow-privileged=true',
    `--client-ca-file=${pki}/ca.crt`,
    `--tls-cert-file=${pki}/apiserver.crt`,
    `--tls-private-key-file=${pki}/apiserver.key`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${pki}/sa.pub`,
    `--service-account-signing-key-file=${pki}/sa.key`,
    `--kubelet-client-certificate=${pki}/kubelet-client.crt`,
    `--kubelet-client-key=${pki}/kubelet-client.key`,
    `--kubelet-certificate-authority=${pki}/ca.crt`,
    '--kubelet-preferred-address-types=InternalIP',
    `--requestheader-client-ca-file=${pki}/ca.crt`,
    '--requestheader-allowed-names=front-proxy-client',
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    `--proxy-client-cert-file=${pki}/front-proxy.crt`,
    `--proxy-client-key-file=${pki}/front-proxy.key`,
    '--default-not-ready-toleration-seconds=5',
    '--default-unreachable-toleration-seconds=5',
    '--profiling=false',
    `--audit-policy-file=${run}/audit.yaml`,
    `--audit-log-path=${run}/log/audit.log`,
    '--audit-log-mode=blocking',
  ]
}

function controllerManager({ bin, pki }: Layout): readonly string[] {
  const config = `${pki}/controller-manager.conf`
  return [
    `${bin}/kube-controller-manager`,
    `--kubeconfig=${config}`,
    `--authentication-kubeconfig=${config}`,
    `--authorization-kubeconfig=${config}`,
    `--service-account-private-key-file=${pki}/sa.key`,
    `--root-ca-file=${pki}/ca.crt`,
    `--cluster-signing-cert-file=${pki}/ca.crt`,
    `--cluster-signing-key-file=${pki}/ca.key`,
    '--use-service-account-credentials',
    '--leader-elect=false',
    '--allocate-node-cidrs=false',
    '--kube-api-qps=1000',
    '--kube-api-burst=1000',
    '--node-monitor-period=1s',
    '--node-monitor-grace-period=10s',
    '--profiling=false',
  ]
}

function scheduler({ bin, pki }: Layout): readonly string[] {
  const config = `${pki}/scheduler.conf`
  return [
    `${bin}/kube-scheduler`,
    `--kubeconfig=${config}`,
    `--authentication-kubeconfig=${config}`,
    `--authorization-kubeconfig=${config}`,
    '--leader-elect=false',
    '--kube-api-qps=1000',
    '--kube-api-burst=1000',
  ]
}

/** Every mutating request, with who sent it: tests count them. */
function auditPolicy({ auditsReads }: Layout): string {
  const reads = `- level: None
  verbs: [get, list, watch]
`
  return `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
${auditsReads ? '' : reads}- level: None
  users: ["system:kube-scheduler", "system:kube-controller-manager", "system:apiserver"]
- level: Metadata
`
}

const addons = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: "test:coredns"}
rules:
- {apiGroups: [""], resources: [endpoints, services, pods, namespaces], verbs: [list, watch]}
- {apiGroups: [discovery.k8s.io], resources: [endpointslices], verbs: [list, watch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: "test:coredns"}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "test:coredns"}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: "system:coredns"}]
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: standard, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}
provisioner: cluster.test/directory
volumeBindingMode: WaitForFirstConsumer
reclaimPolicy: Delete
allowVolumeExpansion: true
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: shared}
provisioner: cluster.test/directory
volumeBindingMode: WaitForFirstConsumer
reclaimPolicy: Delete
`

/** `ttl 1`, so that tests see changes at once. */
function corefile(layout: Layout): string {
  return `.:53 {
  bind ${apiAddress(layout)}
  errors
  ready ${apiAddress(layout)}:8181
  kubernetes cluster.local in-addr.arpa {
    kubeconfig ${layout.pki}/coredns.conf
    ttl 1
  }
  cache 1
}
`
}

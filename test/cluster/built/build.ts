/**
 * The programs of a built cluster, from one pinned Go module: about five minutes on two idle cores, once. They lie in a cache
 * outside the checkout under the hash of what they are built from.
 */
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { goBuild, hashOf } from './go.ts'
import { makePauseImage } from './image.ts'

export interface Programs {
  readonly bin: string
  readonly pauseImage: string
}

const version = '1.35.4'
const containerd = 'github.com/containerd/containerd/v2'
const plugins = 'github.com/containernetworking/plugins/plugins'
const tools = join(import.meta.dirname, 'tools')

/** Kubernetes' components are one program, which looks at the name it is called by. */
const components = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'kubectl',
]

/** False where `builtPrograms` would have to build. */
export function areBuilt(cache: string): boolean {
  return existsSync(folderIn(cache))
}

/** Builds what is missing. `cache`: folder that outlives the checkout. */
export async function builtPrograms(
  cache: string,
  tell: (line: string) => void,
): Promise<Programs> {
  const folder = folderIn(cache)
  const programs = { bin: join(folder, 'bin'), pauseImage: join(folder, 'pause.tar') }
  if (existsSync(folder)) return programs
  tell(`Building Kubernetes ${version} for the tests into ${folder}: about five minutes, once`)
  const draft = `${folder}.${process.pid}`
  try {
    mkdirSync(join(draft, 'bin', 'cni'), { recursive: true })
    await build(join(draft, 'bin'), tell)
    await makePauseImage(join(draft, 'pause.tar'))
    mkdirSync(cache, { recursive: true })
    renameSync(draft, folder)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
  return programs
}

async function build(bin: string, tell: (line: string) => void): Promise<void> {
  const linked = [
    `k8s.io/component-base/version.gitVersion=v${version}`,
    'k8s.io/component-base/version.gitMajor=1',
    'k8s.io/component-base/version.gitMinor=35',
    `${containerd}/version.Version=v2.2.9`,
  ]
  const tags = 'providerless,grpcnotrace,no_btrfs,no_devmapper,no_zfs,no_tracing,no_nri'
  const go = (what: string, output: string, packages: readonly string[]): Promise<void> => {
    tell(`  ${what}`)
    return goBuild({ module: tools, output, packages, tags, linked })
  }
  await go('Kubernetes, CoreDNS, containerd', `${bin}/`, [
    './kube',
    './coredns',
    ...['containerd', 'containerd-shim-runc-v2', 'ctr'].map((name) => `${containerd}/cmd/${name}`),
  ])
  await go('etcd', `${bin}/etcd`, ['go.etcd.io/etcd/server/v3'])
  await go(
    'network plugins',
    `${bin}/cni/`,
    ['main/bridge', 'main/loopback', 'ipam/host-local', 'meta/portmap'].map(
      (name) => `${plugins}/${name}`,
    ),
  )
  for (const component of components) symlinkSync('kube', join(bin, component))
}

function folderIn(cache: string): string {
  return join(cache, hashOf(tools, import.meta.filename))
}

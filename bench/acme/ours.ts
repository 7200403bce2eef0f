/**
 * Ours: a Strongroom for each name. It is made first, with a private CA, and measured apart: besides its certificate it has
 * a StatefulSet, Services, authorities, trust and keys, for which a Certificate has no like. Then another process, as young as
 * cert-manager's, sees all Strongrooms switched to a StrongroomIssuer with the CA's account. There is no node: servers never run.
 */
import { join } from 'node:path'
import { type Strongroom, strongrooms as strongroomKind } from '#operator/api/strongroom.ts'
import { askedOfTheLab, signedUpdates } from '#test/cluster/ordering.ts'
import { root } from '#test/cluster/suite.ts'
import { type Effort, effortOf } from './effort.ts'
import { startOperator } from './operator-process.ts'
import { progressOf } from './progress.ts'
import { demandRight } from './right.ts'
import { applyAll, secretsOf, type Task } from './task.ts'

export interface OwnEffort extends Effort {
  /** What the making of the Strongrooms took, before. */
  readonly made: Effort
}

const isCaller = ({ userAgent }: { readonly userAgent?: string }): boolean =>
  userAgent === 'strongroom-operator'

export async function measureOurs(task: Task): Promise<OwnEffort> {
  const { cluster, ca, namespace } = task
  await cluster.kubectl('create', 'namespace', namespace)
  await cluster.kubectl('apply', '--server-side', '-f', join(root, 'crds'))
  await applyAll(task, [...secretsOf(ca), issuer(task)])
  const made = await making(task)
  const effort = await ordering(task)
  const secrets = new Map(ca.names.map((name, index) => [`s-${index}-issued-tls`, name]))
  await demandRight(cluster, { namespace, roots: await ca.lab.roots(), secrets })
  return { ...effort, made }
}

async function making(task: Task): Promise<Effort> {
  const { cluster, namespace } = task
  const { names } = task.ca
  await using operator = await startOperator(cluster, namespace)
  const ready = ['wait', '--for=condition=Ready', '--timeout=60s', 'strongroomissuer/ca']
  await cluster.kubectl('-n', namespace, ...ready)
  await using progress = await progressOf<Strongroom>(
    task,
    strongroomKind,
    ({ status }) => status?.ready !== undefined,
  )
  return await effortOf(
    { child: operator.child, cluster, isCaller },
    {
      act: () => applyAll(task, strongrooms(names, { selfSigned: {} })),
      done: () => progress.count(),
      wanted: names.length,
      restSeconds: task.restSeconds,
    },
  )
}

async function ordering(task: Task): Promise<Effort> {
  const { cluster, namespace } = task
  const { names, lab } = task.ca
  await using operator = await startOperator(cluster, namespace)
  await operator.isThroughWith(names.length)
  await using progress = await progressOf<Strongroom>(
    task,
    strongroomKind,
    ({ status }) => status?.publicCertificate?.sha256 !== undefined,
  )
  return await effortOf(
    { child: operator.child, cluster, isCaller },
    {
      act: () => applyAll(task, strongrooms(names, { issuerRef: { name: 'ca' } })),
      done: () => progress.count(),
      wanted: names.length,
      ...{ lab, restSeconds: task.restSeconds },
    },
  )
}

function issuer({ ca: { lab }, validation }: Task): unknown {
  const { directoryUrl, trust } = lab
  const acme = {
    server: directoryUrl,
    caBundle: trust,
    profile: 'default',
    accountKeySecretRef: { name: 'account' },
    solvers: [
      validation === 'instant'
        ? { http01: { ingress: { className: 'none' }, check: 'None' } }
        : signedUpdates(lab, { check: askedOfTheLab(lab) }),
    ],
  }
  const kind = { apiVersion: 'strongroom.dev/v1alpha1', kind: 'StrongroomIssuer' }
  return { ...kind, metadata: { name: 'ca' }, spec: { acme } }
}

function strongrooms(names: readonly string[], server: unknown): readonly unknown[] {
  return names.map((host, index) => ({
    apiVersion: 'strongroom.dev/v1alpha1',
    kind: 'Strongroom',
    metadata: { name: `s-${index}` },
    spec: { members: 1, storage: { size: '1Gi' }, exposure: { host }, tls: { server } },
  }))
}

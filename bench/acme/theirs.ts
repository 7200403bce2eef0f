/** cert-manager: a Certificate for each name, by an ACME Issuer with the CA's account. */
import { certManagerCertificates } from '#operator/kube/kinds.ts'
import type { KubeObject } from '#operator/kube/kube.ts'
import { type CertManagerFiles, startCertManager } from '../peers/cert-manager.ts'
import { type Effort, effortOf } from './effort.ts'
import { progressOf } from './progress.ts'
import { demandRight } from './right.ts'
import { applyAll, secretsOf, type Task } from './task.ts'

export async function measureTheirs(task: Task, files: CertManagerFiles): Promise<Effort> {
  const { cluster, ca, namespace } = task
  const { lab, names } = ca
  await cluster.kubectl('create', 'namespace', namespace)
  const place = { namespace, nameserver: lab.dns.address }
  await using running = await startCertManager(cluster, files, place)
  await applyAll(task, [...secretsOf(ca), issuer(task)])
  const ready = ['wait', '--for=condition=Ready', '--timeout=60s', 'issuer/ca']
  await cluster.kubectl('-n', namespace, ...ready)
  await using progress = await progressOf<WithEnd>(
    task,
    certManagerCertificates,
    ({ status }) => status?.notAfter !== undefined,
  )
  const effort = await effortOf(
    {
      ...{ child: running.child, cluster },
      isCaller: ({ userAgent = '' }) => userAgent.startsWith('cert-manager'),
    },
    {
      act: () => applyAll(task, names.map(certificate)),
      done: () => progress.count(),
      wanted: names.length,
      ...{ lab, restSeconds: task.restSeconds },
    },
  )
  const secrets = new Map(names.map((name, index) => [`c-${index}`, name]))
  await demandRight(cluster, { namespace, roots: await lab.roots(), secrets })
  return effort
}

interface WithEnd extends KubeObject {
  readonly status?: { readonly notAfter?: string }
}

function issuer({ ca: { lab }, validation }: Task): unknown {
  const { directoryUrl, trust, dns } = lab
  const rfc2136 = {
    nameserver: dns.address,
    tsigKeyName: dns.tsigKey.name,
    tsigAlgorithm: 'HMACSHA256',
    tsigSecretSecretRef: { name: 'tsig', key: 'key' },
  }
  const acme = {
    server: directoryUrl,
    caBundle: Buffer.from(trust).toString('base64'),
    profile: 'default',
    disableAccountKeyGeneration: true,
    privateKeySecretRef: { name: 'account' },
    solvers: [
      validation === 'instant'
        ? { http01: { ingress: { ingressClassName: 'none' } } }
        : { dns01: { rfc2136 } },
    ],
  }
  const kind = { apiVersion: 'cert-manager.io/v1', kind: 'Issuer' }
  return { ...kind, metadata: { name: 'ca' }, spec: { acme } }
}

/** With a key of the same kind as ours, and renewed like ours. */
function certificate(name: string, index: number): unknown {
  return {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: { name: `c-${index}` },
    spec: {
      secretName: `c-${index}`,
      dnsNames: [name],
      privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
      issuerRef: { name: 'ca' },
    },
  }
}

/** The Secrets of a StrongroomCertificate: the one that programs use, and the staged one. */
import { createHash, createHmac, type KeyObject } from 'node:crypto'
import type { StrongroomCertificate } from '#operator/api/certificate.ts'
import { names } from '#operator/api/names.ts'
import { annotation, clusterLabels, label, prefix } from '#operator/kube/labels.ts'
import { sourceOf } from '#operator/kube/marks.ts'
import { type Secret, secretData, secretText } from '#operator/kube/secret.ts'
import { sha256Of } from '#operator/kube/tls-secret.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import { writePfx } from '#shared/pki/pfx-write.ts'
import type { Observed } from './observe.ts'

export interface Pair {
  readonly certificate: Certificate
  readonly key: KeyObject
}

/**
 * `tls.crt`, `tls.key` (RSA in PKCS#1), `client.pem` (key and certificate in one, as RavenDB's clients take it),
 * `keystore.p12`, and `ca.crt`, which verifies the server.
 */
export async function targetSecret(
  observed: Observed,
  { certificate, key }: Pair,
): Promise<Secret> {
  const { resource, password = '', trust = '' } = observed
  const pem = certificatePem(certificate)
  const keyText = privateKeyPem(key)
  const { labels, annotations } = resource.spec.secretTemplate ?? {}
  return {
    ...shape(resource, resource.spec.secretName),
    metadata: {
      ...shape(resource, resource.spec.secretName).metadata,
      labels: {
        ...templated(labels),
        ...clusterLabels(resource.spec.clusterRef.name, 'client-certificate'),
      },
      annotations: {
        ...templated(annotations),
        [annotation.source]: sourceOf(resource),
        [annotation.inputs]: inputs(observed, certificate),
      },
    },
    type: 'kubernetes.io/tls',
    data: secretData({
      'tls.crt': pem,
      'tls.key': keyText,
      'client.pem': keyText + pem,
      'keystore.p12': await writePfx({ certificates: [certificate], privateKey: key, password }),
      'ca.crt': trust,
    }),
  }
}

/** What a template may say: whose an object is, and what it means to us, is not for it to say. */
function templated(given: Readonly<Record<string, string>> = {}): Record<string, string> {
  const kept = Object.entries(given).filter(
    ([key]) => !key.startsWith(`${prefix}/`) || key === label.use,
  )
  return Object.fromEntries(kept)
}

/** Nobody took anything out of the Secret or put anything else in. `keystore.p12` is only looked for: it never comes out twice the same. */
export function isWhole({ target, current, trust = '' }: Observed): boolean {
  if (current.kind === 'unusable') return false
  const client = privateKeyPem(current.key) + certificatePem(current.certificate)
  return (
    secretText(target, 'client.pem') === client &&
    secretText(target, 'ca.crt') === trust &&
    secretText(target, 'keystore.p12') !== ''
  )
}

export function stagedSecret(resource: StrongroomCertificate, { certificate, key }: Pair): Secret {
  return {
    ...shape(resource, names.nextKey(resource.metadata.name)),
    type: 'kubernetes.io/tls',
    data: secretData({ 'tls.crt': certificatePem(certificate), 'tls.key': privateKeyPem(key) }),
  }
}

/** What the Secret is computed from: when this differs from its annotation, it is written anew. */
export function inputsOf(observed: Observed, from: 'current' | 'next'): string {
  const material = observed[from]
  return material.kind === 'usable' ? inputs(observed, material.certificate) : ''
}

function inputs({ trust, password, resource }: Observed, certificate: Certificate): string {
  const template = JSON.stringify(resource.spec.secretTemplate ?? {})
  // The password is hashed under the certificate, so that equal passwords do not show.
  const protection = createHmac('sha256', certificate.der)
    .update(password ?? '')
    .digest('hex')
  return createHash('sha256')
    .update([sha256Of(certificate), trust, protection, template].join('\n'))
    .digest('hex')
    .slice(0, 32)
}

function shape(resource: StrongroomCertificate, name: string): Secret {
  const { namespace } = resource.metadata
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: clusterLabels(resource.spec.clusterRef.name, 'client-certificate'),
      annotations: { [annotation.source]: sourceOf(resource) },
    },
  }
}

/** The Secrets with the key of an account at a CA: the one in use, and the staged next one. Neither has an owner: they outlive the issuer. */
import type { KeyObject } from 'node:crypto'
import type { StrongroomIssuer } from '#operator/api/issuer.ts'
import { annotation, clusterLabels, label } from '#operator/kube/labels.ts'
import { type Secret, secretData, secretText } from '#operator/kube/secret.ts'
import { thumbprint } from '#shared/acme/jws.ts'
import { privateKeyPem, readPrivateKey } from '#shared/pki/pem.ts'

export type AccountKey =
  | { readonly kind: 'missing'; readonly secretName: string }
  | { readonly kind: 'damaged'; readonly secretName: string; readonly message: string }
  | {
      readonly kind: 'usable'
      readonly secretName: string
      readonly key: KeyObject
      /** RFC 7638, base64url. */
      readonly thumbprint: string
    }

/** PEM under this key: any P-256 or RSA key. */
export const keyName = 'tls.key'

export function readAccountKey(secret: Secret | undefined, secretName: string): AccountKey {
  if (secret === undefined) return { kind: 'missing', secretName }
  try {
    const key = readPrivateKey(secretText(secret, keyName))
    return { kind: 'usable', secretName, key, thumbprint: thumbprint(key) }
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error)
    const message = `Secret "${secretName}" holds no usable account key under "${keyName}": ${found}`
    return { kind: 'damaged', secretName, message }
  }
}

/** @param rollOver value of the annotation that asked for it; nothing for the first key */
export function accountKeySecret(
  { metadata }: StrongroomIssuer,
  {
    name,
    key,
    rollOver,
  }: { readonly name: string; readonly key: KeyObject; readonly rollOver?: string },
): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      labels: ownLabels(metadata.name),
      ...(rollOver === undefined
        ? {}
        : { annotations: { [annotation.rollOverAccountKey]: rollOver } }),
    },
    type: 'strongroom.dev/account-key',
    data: accountKeyData(key),
  }
}

export function accountKeyData(key: KeyObject): Record<string, string> {
  return secretData({ [keyName]: privateKeyPem(key) })
}

/** As those of a cluster's objects, but of none. */
function ownLabels(issuer: string): Record<string, string> {
  const { [label.cluster]: _, ...labels } = clusterLabels(issuer, 'account-key')
  return labels
}

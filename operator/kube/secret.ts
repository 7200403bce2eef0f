/** Secrets and ConfigMaps as bytes by key. */
import type { KubeObject } from './kube.ts'

export interface Secret extends KubeObject {
  readonly type?: string
  /** Base64 by key. */
  readonly data?: Readonly<Record<string, string>>
}

export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>
}

/** The bytes under a key, or nothing. */
export function secretBytes(secret: Secret | undefined, key: string): Buffer | undefined {
  const value = secret?.data?.[key]
  return value === undefined ? undefined : Buffer.from(value, 'base64')
}

/** The UTF-8 text under a key; empty where there is none. */
export function secretText(secret: Secret | undefined, key: string): string {
  return secretBytes(secret, key)?.toString('utf8') ?? ''
}

/** `data` of a Secret from bytes or texts. */
export function secretData(
  values: Readonly<Record<string, Uint8Array | string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      Buffer.from(value as Uint8Array).toString('base64'),
    ]),
  )
}

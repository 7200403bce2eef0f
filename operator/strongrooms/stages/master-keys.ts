/** The keys in a master key Secret: one under `master.key`, or several under their ids with `active-id`. */
import { hkdfSync } from 'node:crypto'
import { type Secret, secretBytes, secretText } from '#operator/kube/secret.ts'

export interface MasterKey {
  readonly id: string
  readonly bytes: Buffer
}

export type MasterKeys =
  | { readonly kind: 'usable'; readonly activeId: string; readonly keys: readonly MasterKey[] }
  | { readonly kind: 'unusable'; readonly message: string }

const keyBytes = 32
const single = 'master.key'
const active = 'active-id'

export function masterKeysOf(secret: Secret): MasterKeys {
  const ids = Object.keys(secret.data ?? {}).filter((key) => key !== active)
  const keys = ids.map((id) => ({ id, bytes: secretBytes(secret, id) ?? Buffer.alloc(0) }))
  const wrong = keys.find(({ bytes }) => bytes.length !== keyBytes)
  if (keys.length === 0)
    return {
      kind: 'unusable',
      message: `it holds no key: put ${keyBytes} random bytes under "${single}"`,
    }
  if (wrong !== undefined)
    return {
      kind: 'unusable',
      message: `"${wrong.id}" has ${wrong.bytes.length} bytes, a key has ${keyBytes}`,
    }
  const activeId =
    ids.includes(single) && ids.length === 1 ? single : secretText(secret, active).trim()
  if (!ids.includes(activeId))
    return { kind: 'unusable', message: `"${active}" names "${activeId}", which it does not hold` }
  return { kind: 'usable', activeId, keys }
}

/** A name for a key that tells nothing about it: HKDF-SHA256 under a label of its own, 16 bytes in hex. */
export function keyFingerprint(key: Uint8Array): string {
  return Buffer.from(hkdfSync('sha256', key, '', 'strongroom key fingerprint v1', 16)).toString(
    'hex',
  )
}

/**
 * Stage: the master key. It is made once, and only where nothing could have been sealed with another: status knows no key
 * *and* no volume of the cluster exists. Otherwise a missing key stops everything: a new one would open nothing.
 */
import { names } from '#operator/api/names.ts'
import { isFalse, isTrue } from '#operator/kube/conditions.ts'
import type { Observed } from '../observe.ts'
import type { StageResult } from '../stage.ts'
import { keyFingerprint, masterKeysOf } from './master-keys.ts'

const type = 'KeysReady'

export function keysStage(observed: Observed): StageResult {
  const { cluster, masterKey, volumes } = observed
  const name =
    cluster.spec.encryption?.masterKey?.secretRef.name ?? names.masterKey(cluster.metadata.name)
  const isGiven = cluster.spec.encryption?.masterKey !== undefined
  const known = cluster.status?.masterKeys ?? []
  if (masterKey === undefined) {
    if (!isGiven && known.length === 0 && volumes.length === 0) {
      return wait(
        [{ kind: 'make-master-key' }],
        'MakingMasterKey',
        `The master key is being made in Secret "${name}"`,
      )
    }
    return stop(
      'KeyMissing',
      missingMessage(name, { isGiven, hasHistory: known.length > 0 || volumes.length > 0 }),
    )
  }
  const found = masterKeysOf(masterKey)
  if (found.kind === 'unusable')
    return stop('KeyInvalid', `Secret "${name}" cannot be used: ${found.message}`)
  const changed = known.find(({ id, fingerprint }) =>
    found.keys.some((key) => key.id === id && keyFingerprint(key.bytes) !== fingerprint),
  )
  if (changed !== undefined) {
    return stop(
      'KeyMismatch',
      `Key "${changed.id}" in Secret "${name}" is another than the one the data was sealed with: put the old one back`,
    )
  }
  const lost = known.find(({ id }) => !found.keys.some((key) => key.id === id))
  if (lost !== undefined) {
    return stop(
      'KeyMissing',
      `Secret "${name}" no longer holds key "${lost.id}" (fingerprint ${lost.fingerprint}): put it back`,
    )
  }
  return {
    steps: [],
    findings: [
      isTrue(
        type,
        'KeysFound',
        `Secret "${name}" holds ${found.keys.length} key(s), active is "${found.activeId}"`,
      ),
    ],
    status: {
      masterKeys: found.keys.map(({ id, bytes }) => ({ id, fingerprint: keyFingerprint(bytes) })),
    },
  }
}

function missingMessage(
  name: string,
  { isGiven, hasHistory }: { readonly isGiven: boolean; readonly hasHistory: boolean },
): string {
  if (!hasHistory)
    return `Secret "${name}" does not exist: create it with 32 random bytes under "master.key"`
  const made = isGiven
    ? ''
    : ' The operator made it once and makes no other: that would open nothing.'
  return `Secret "${name}" is gone, and with it the key of this cluster's data.${made} Restore it from your backup; no pod is started without it`
}

function wait(steps: StageResult['steps'], reason: string, message: string): StageResult {
  return {
    steps,
    findings: [isFalse(type, reason, message)],
    halt: { kind: 'working', reason, message },
  }
}

function stop(reason: string, message: string): StageResult {
  return {
    steps: [],
    findings: [isFalse(type, reason, message)],
    halt: { kind: 'stalled', reason, message },
  }
}

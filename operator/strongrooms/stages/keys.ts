/**
 * Stage: the master key. It is made once, and only where nothing could have been sealed with another: status knows no key
 * *and* no volume of the cluster exists. Otherwise a missing key stops everything: a new one would open nothing. One that no member
 * wraps its store by any more, after a rotation, may be taken away.
 */
import { names } from '#operator/api/names.ts'
import { isFalse, isTrue } from '#operator/kube/conditions.ts'
import { keyId } from '#shared/key-id.ts'
import type { Observed } from '../observe.ts'
import type { StageResult } from '../stage.ts'
import { keyFingerprint, type MasterKeys, masterKeysOf } from './master-keys.ts'

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
  const needed = neededKeys(observed, found)
  const difference = differenceOf(observed, found, needed)
  if (difference !== undefined)
    return stop(difference.reason, `${difference.what} in Secret "${name}": put it back`)
  return {
    steps: [],
    findings: [isTrue(type, 'KeysFound', foundMessage(name, found, needed))],
    status: {
      masterKeys: found.keys.map(({ id, bytes }) => ({
        id,
        fingerprint: keyFingerprint(bytes),
        ...(needed === undefined ? {} : { needed: needed.includes(id) }),
      })),
    },
  }
}

/** What keeps the keys that are there from opening what the known ones sealed. */
function differenceOf(
  { cluster }: Observed,
  found: Usable,
  needed: readonly string[] | undefined,
): { readonly reason: string; readonly what: string } | undefined {
  const known = cluster.status?.masterKeys ?? []
  const changed = known.find(({ id, fingerprint }) =>
    found.keys.some((key) => key.id === id && keyFingerprint(key.bytes) !== fingerprint),
  )
  if (changed !== undefined) {
    const what = `Key "${changed.id}" (fingerprint ${changed.fingerprint}), with which the data was sealed, is another one now`
    return { reason: 'KeyMismatch', what }
  }
  const lost = known.find(({ id }) => !found.keys.some((key) => key.id === id))
  if (lost === undefined || areHeld(needed, found)) return undefined
  const what = `Key "${lost.id}" (fingerprint ${lost.fingerprint}) is no longer held`
  return { reason: 'KeyMissing', what }
}

type Usable = Extract<MasterKeys, { readonly kind: 'usable' }>

/** Stands for a key that a member needs and the Secret does not hold. */
const notHeld = ''

/**
 * Ids in the Secret of the keys that members wrap their stores by, as they say now, or else as status has it; nothing where nobody ever
 * said. A key that was needed stays so until the members say that another one is.
 */
function neededKeys({ cluster, members }: Observed, { keys }: Usable): string[] | undefined {
  const states = members.flatMap(({ state }) => (state === undefined ? [] : [state]))
  const isComplete = states.length > 0 && states.length === members.length
  const said = states.map(({ NeededMasterKeyId: id }) => id ?? undefined)
  if (isComplete && said.every((id) => id !== undefined))
    return said.map((needed) => keys.find(({ bytes }) => keyId(bytes) === needed)?.id ?? notHeld)
  const known = cluster.status?.masterKeys?.filter(({ needed }) => needed !== undefined) ?? []
  if (known.length === 0) return undefined
  return known.filter(({ needed }) => needed).map(({ id }) => id)
}

/** Where all that is needed is there, whatever was taken away may go. */
function areHeld(needed: readonly string[] | undefined, { keys }: Usable): boolean {
  return needed?.every((id) => keys.some((key) => key.id === id)) ?? false
}

function foundMessage(
  name: string,
  { keys, activeId }: Usable,
  needed: readonly string[] | undefined,
): string {
  const found = `Secret "${name}" holds ${keys.length} key(s), active is "${activeId}"`
  const others = keys.filter(({ id }) => id !== activeId).map(({ id }) => `"${id}"`)
  if (others.length === 0 || needed === undefined) return found
  const isWrapped = needed.every((id) => id === activeId)
  return isWrapped
    ? `${found}; the members need no other: ${others.join(', ')} may be removed`
    : `${found}; keep ${others.join(', ')} until the members have wrapped their stores by it`
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

/**
 * Stage: is it still the same store? Another store id than before means that the data is lost (a new volume, an emptied
 * folder); a lower commit counter means that an older copy was put back. Neither is taken silently: nothing is created on such a
 * store until an administrator accepts it by name.
 */
import { isFalse, isTrue } from '#operator/kube/conditions.ts'
import { annotation } from '#operator/kube/labels.ts'
import type { Observed } from '../observe.ts'
import type { StageResult } from '../stage.ts'

const type = 'StoreTrusted'

export function storeStage({ cluster, members }: Observed): StageResult {
  const state = members.find((member) => member.state !== undefined)?.state
  if (state === undefined) return { steps: [], findings: [] }
  const { storeId: knownId, storeCommit: knownCommit = 0 } = cluster.status ?? {}
  const accepted = cluster.metadata.annotations?.[annotation.acceptDataLoss]
  if (knownId !== undefined && knownId !== state.StoreId && accepted !== state.StoreId) {
    return stop(
      'DataLost',
      `The server's store is ${state.StoreId}, but it was ${knownId}: its data is gone. Put the old volume back, or accept the empty one with ` +
        `kubectl annotate --overwrite strongroom ${cluster.metadata.name} ${annotation.acceptDataLoss}=${state.StoreId}`,
    )
  }
  const isSame = knownId === state.StoreId
  if (
    isSame &&
    state.StoreCommit < knownCommit &&
    accepted !== `${state.StoreId}@${state.StoreCommit}`
  ) {
    return stop(
      'StoreRolledBack',
      `The server's store is at commit ${state.StoreCommit}, but was at ${knownCommit}: an older copy was put back. Restore the newer one, or accept this one with ` +
        `kubectl annotate --overwrite strongroom ${cluster.metadata.name} ${annotation.acceptDataLoss}=${state.StoreId}@${state.StoreCommit}`,
    )
  }
  return {
    steps: [],
    findings: [isTrue(type, 'SameStore', `The store is ${state.StoreId}`)],
    status: { storeId: state.StoreId, storeCommit: state.StoreCommit },
  }
}

function stop(reason: string, message: string): StageResult {
  return {
    steps: [],
    findings: [isFalse(type, reason, message)],
    halt: { kind: 'stalled', reason, message },
  }
}

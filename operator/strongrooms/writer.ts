/** Writes a Strongroom's status, once or again and again while an order goes on. */
import { isDeepStrictEqual } from 'node:util'
import { type Strongroom, type StrongroomStatus, strongrooms } from '#operator/api/strongroom.ts'
import type { Kube } from '#operator/kube/kube.ts'
import { fieldManager } from '#operator/kube/labels.ts'
import type { Report } from '#operator/kube/status.ts'
import { writeStatus } from '#operator/kube/status.ts'
import type { Observed } from './observe.ts'
import type { Passed } from './orders/scene.ts'
import type { OwnWrites } from './own-writes.ts'
import type { Plan } from './plan.ts'
import { statusOf } from './status.ts'
import { untilDialed } from './unserved.ts'

export interface WriterMeans {
  readonly kube: Kube
  readonly report: Report
  readonly ownWrites: OwnWrites
}

export class StatusWriter {
  readonly #observed: Observed
  readonly #planned: Plan
  readonly #means: WriterMeans
  /** As it was written last. */
  #cluster: Strongroom

  constructor(observed: Observed, planned: Plan, means: WriterMeans) {
    this.#observed = observed
    this.#planned = planned
    this.#means = means
    this.#cluster = observed.cluster
  }

  async write(passed: Passed | undefined): Promise<void> {
    const { name } = this.#cluster.metadata
    const planned = passed === undefined ? this.#planned : withPassed(this.#planned, passed, name)
    const status = statusOf({ ...this.#observed, cluster: this.#cluster }, planned)
    const stored = await writeStatus(this.#means, {
      kind: strongrooms,
      resource: this.#shown(status),
      status,
      fieldManager: fieldManager.strongrooms,
    })
    if (stored !== undefined) this.#means.ownWrites.note(stored)
    this.#cluster = { ...this.#cluster, status }
  }

  /** An order is written whenever it differs: what is no longer in it must not be read again. */
  #shown(status: StrongroomStatus): Strongroom {
    const before = this.#cluster.status
    if (before === undefined || isDeepStrictEqual(before.order, status.order)) return this.#cluster
    const { conditions = [] } = before
    return { ...this.#cluster, status: { conditions } }
  }
}

export function withPassed(
  planned: Plan,
  { finding, order, certificate, againAtMs }: Passed,
  cluster: string,
): Plan {
  const { members } = planned.status
  const times = [planned.againAtMs, againAtMs].filter((time) => time !== undefined)
  return {
    ...planned,
    findings: [...untilDialed(planned.findings, { certificate, members, cluster }), finding],
    ordering: { order, certificate },
    againAtMs: times.length === 0 ? undefined : Math.min(...times),
  }
}

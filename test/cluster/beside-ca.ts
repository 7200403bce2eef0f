/** Tests on a cluster of their own that has a way to a CA on this machine: kind has none. */
import { after, before, describe } from 'node:test'
import { availableCluster } from './available.ts'
import { bringUpPlace, type Place } from './suite.ts'

/** `suites`: adds tests; the place is there once they run. */
export async function describeBesideCa(
  title: string,
  suites: (place: () => Place) => void,
): Promise<void> {
  const available = await availableCluster()
  const skip =
    available.kind === 'kind'
      ? 'kind has no way to a CA on this machine: these run on the built cluster'
      : false
  describe(title, { skip }, () => {
    let own: Place
    before(async () => {
      own = await bringUpPlace({ nodes: 1 })
    })
    after(() => own?.[Symbol.asyncDispose]())
    suites(() => own)
  })
}

/** Documents: the calls that every client makes. */
import type { Scenario } from '#test/peer/scenario.types.ts'
import { batchSteps } from './docs-batches.ts'
import { errorSteps } from './docs-errors.ts'
import { generatedIdSteps } from './docs-generated-ids.ts'
import { idSteps } from './docs-ids.ts'
import { moreSteps } from './docs-more.ts'
import { readSteps } from './docs-read.ts'
import { writeSteps } from './docs-write.ts'

export function docs(): Scenario {
  return {
    about: 'documents',
    steps: [
      ...readSteps(),
      ...idSteps(),
      ...writeSteps(),
      ...generatedIdSteps(),
      ...batchSteps(),
      ...moreSteps(),
      ...errorSteps(),
    ],
  }
}

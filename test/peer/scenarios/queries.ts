/** Queries and indexes, small. */
import type { Scenario } from '#test/peer/scenario.types.ts'
import { automaticIndexSteps } from './queries-automatic.ts'
import { indexSteps } from './queries-indexes.ts'
import { languageSteps } from './queries-language.ts'
import { operationSteps } from './queries-operations.ts'
import { putIndexSteps } from './queries-put-index.ts'

export function queries(): Scenario {
  return {
    about: 'queries and indexes',
    steps: [
      ...languageSteps(),
      ...automaticIndexSteps(),
      ...putIndexSteps(),
      ...indexSteps(),
      ...operationSteps(),
    ],
  }
}

/** Administration of databases, statistics, topology. */
import type { Scenario } from '#test/peer/scenario.types.ts'
import { changeDatabaseSteps } from './databases-change.ts'
import { createDatabaseSteps } from './databases-create.ts'
import { databaseFactSteps } from './databases-facts.ts'
import { listDatabaseSteps } from './databases-list.ts'

export function databases(): Scenario {
  return {
    about: 'databases, statistics, topology',
    steps: [
      ...createDatabaseSteps(),
      ...listDatabaseSteps(),
      ...databaseFactSteps(),
      ...changeDatabaseSteps(),
    ],
  }
}

/** Every scenario under the name of its record, in the order in which they run; each builds on what those before it left. */
import type { ScenarioBuilder } from '#test/peer/scenario.types.ts'
import { authentication } from './authentication.ts'
import { certificates } from './certificates.ts'
import { certificates7 } from './certificates7.ts'
import { dangerous } from './dangerous.ts'
import { dangerous7 } from './dangerous7.ts'
import { databases } from './databases.ts'
import { docs } from './docs.ts'
import { matrix } from './matrix.ts'
import { queries } from './queries.ts'
import { reach7 } from './reach7.ts'
import { renewal7 } from './renewal7.ts'
import { secrets } from './secrets.ts'
import { setup } from './setup.ts'
import { twoFactor7 } from './two-factor7.ts'

export const scenarios: Readonly<Record<string, ScenarioBuilder>> = {
  setup,
  authentication,
  certificates,
  certificates7,
  renewal7,
  'two-factor7': twoFactor7,
  secrets,
  docs,
  databases,
  reach7,
  queries,
  matrix,
  dangerous,
  dangerous7,
}

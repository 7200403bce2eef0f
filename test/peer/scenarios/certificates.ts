/** Certificate management. */
import type { Fixtures, Scenario } from '#test/peer/scenario.types.ts'
import { changeSteps } from './certificates-change.ts'
import { generateSteps } from './certificates-generate.ts'
import { listSteps } from './certificates-list.ts'
import { otherSteps } from './certificates-other.ts'
import { registerSteps } from './certificates-register.ts'
import { tidy } from './registered.ts'

export function certificates(fx: Fixtures): Scenario {
  return {
    about: 'certificate management',
    steps: [
      ...generateSteps(),
      ...registerSteps(fx),
      ...listSteps(),
      ...changeSteps(),
      ...otherSteps(),
      tidy(/^lab-(g|o\d|up|ec|coll|x|form|text|oa)/),
    ],
  }
}

/** All of the hostile values, where hostile-specs.test.ts sends some. */
import { hostileSuite } from './hostile.ts'

await hostileSuite({ specs: 1_000_000, seed: 1 })

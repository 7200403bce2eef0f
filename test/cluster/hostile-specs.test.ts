import { hostileSuite } from './hostile.ts'

await hostileSuite({ specs: 200, seed: 13 })

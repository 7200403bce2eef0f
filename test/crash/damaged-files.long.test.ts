import { damagedFileTests } from '#test/support/damaged-file-tests.ts'

damagedFileTests({ seed: 14 })

import { damagedFileTests } from '#test/support/damaged-file-tests.ts'

damagedFileTests({ seed: 13, databases: 14, starts: 4 })

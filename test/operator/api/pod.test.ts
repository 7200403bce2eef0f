import { fieldValueTests } from '#test/support/field-values.ts'

fieldValueTests('Strongroom', (path) => path.includes('.pod.'))

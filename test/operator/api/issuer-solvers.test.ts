import { fieldValueTests } from '#test/support/field-values.ts'

fieldValueTests('StrongroomIssuer', (path) => path.includes('.solvers.'))

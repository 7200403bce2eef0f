import { fieldValueTests } from '#test/support/field-values.ts'

fieldValueTests('StrongroomCertificate')

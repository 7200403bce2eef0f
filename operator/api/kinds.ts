/** Our kinds, in the order in which a reader meets them. */
import { strongroomCertificates } from './certificate.ts'
import { strongroomDatabases } from './database.ts'
import { strongroomIssuers } from './issuer.ts'
import type { CustomKind } from './kind.ts'
import { strongroomPermissions } from './permission.ts'
import { strongrooms } from './strongroom.ts'

export const customKinds: readonly CustomKind[] = [
  strongrooms,
  strongroomDatabases,
  strongroomCertificates,
  strongroomPermissions,
  strongroomIssuers,
]

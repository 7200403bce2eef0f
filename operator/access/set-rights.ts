/** Gives a record on the server its rights; where the server refuses them, at least takes away what it should not have. */
import { createHash } from 'node:crypto'
import { type Admin, type CertificateState, Refused } from '#operator/admin/admin.ts'
import { exceeds, narrowed, type Rights } from './rights.ts'

/**
 * Fails with `Refused` where the server refuses the rights, and with `Unreachable`. What the record has too much is gone then all the
 * same, as far as the server lets itself be told.
 */
export async function setRights(
  admin: Admin | undefined,
  record: CertificateState,
  { name, rights }: { readonly name: string; readonly rights: Rights },
): Promise<void> {
  try {
    await admin?.editCertificate(record.thumbprint, { name, ...rights })
  } catch (error) {
    if (error instanceof Refused && exceeds(record, rights))
      await admin?.editCertificate(record.thumbprint, { name, ...narrowed(record, rights) })
    throw error
  }
}

/** A name for giving these very rights to that record: the same rights have the same. */
export function editName(thumbprint: string, rights: Rights): string {
  const digest = createHash('sha256').update(JSON.stringify(rights)).digest('hex').slice(0, 16)
  return `edit ${thumbprint} ${digest}`
}

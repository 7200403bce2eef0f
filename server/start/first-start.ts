/**
 * What a first start makes besides the server store: folders, the server's own certificate, and the first administrator.
 *
 * Each step finds what the one before left and does the rest, so that a crash anywhere is finished by the next start. The
 * administrator is made exactly once: where somebody deletes him or takes his files away, he stays gone.
 */
import { createPrivateKey } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { clientCertificateDaysDefault } from '#server/limits.ts'
import { openServerAuthority } from '#server/system/authorities.ts'
import type { Certificates } from '#server/system/certificates.ts'
import { administratorWasMade, rememberAdministrator } from '#server/system/member.ts'
import type { SystemStore } from '#server/system/system.types.ts'
import { renewWhereDue, type SelfSigned } from '#server/tls/self-signed.ts'
import type { Clock } from '#shared/clock.ts'
import { privateFolder, replaceFile } from '#shared/files.ts'
import { isKeyOf, readCertificates, verifyIssuedBy } from '#shared/pki/certificate.ts'
import { type Issued, issueClientCertificate, makeKeyPair } from '#shared/pki/issue.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import { writePfx } from '#shared/pki/pfx-write.ts'

export type FirstStartStep =
  | 'folders'
  | 'server certificate'
  | `admin.${AdminFile}`
  | 'registered'
  | 'done'

/** Called after each step; tests stop the process there. */
export type OnStep = (step: FirstStartStep) => void

/** Folders below `DataDir`. */
export interface Folders {
  readonly data: string
  readonly keys: string
  readonly certificates: string
}

/** Where they are; nothing is made. */
export function foldersIn(dataDir: string): Folders {
  return {
    data: join(dataDir, 'data'),
    keys: join(dataDir, 'keys'),
    certificates: join(dataDir, 'certificates'),
  }
}

/** Makes the folders, for us only. After the server store has opened: where its key is missing, nothing is written. */
export async function prepareFolders(folders: Folders, onStep: OnStep): Promise<void> {
  for (const folder of Object.values(folders)) await privateFolder(folder)
  onStep('folders')
}

export interface OwnCertificateParts extends Omit<SelfSigned, 'authority'> {
  readonly system: SystemStore
  readonly onStep: OnStep
}

/** The authority and the leaf of a server without a configured certificate; `renew` again from time to time. */
export async function ownCertificate({ system, onStep, ...own }: OwnCertificateParts) {
  const authority = await openServerAuthority(system, own.clock)
  const renew = () => renewWhereDue({ ...own, authority })
  await renew()
  onStep('server certificate')
  return { renew }
}

export interface AdministratorParts {
  readonly system: SystemStore
  readonly certificates: Certificates
  /** Signs client certificates. */
  readonly authority: Issued
  readonly folder: string
  readonly clock: Clock
  readonly onStep: OnStep
}

const adminFiles = ['key', 'crt', 'pem', 'pfx'] as const
type AdminFile = (typeof adminFiles)[number]
const adminName = 'admin'
const dayMs = 24 * 60 * 60 * 1000

/** Makes and registers the first administrator, unless that was done. Answers the path of his PFX while it lies there. */
export async function firstAdministrator(parts: AdministratorParts): Promise<string | undefined> {
  const pfx = pathOf(parts, 'pfx')
  if (!administratorWasMade(parts.system)) {
    const administrator = (await writtenBefore(parts)) ?? (await makeAdministrator(parts))
    await parts.certificates.register(
      { clearance: () => 'ClusterAdmin' },
      {
        name: adminName,
        rights: { clearance: 'ClusterAdmin', permissions: {} },
        certificates: [administrator],
      },
    )
    parts.onStep('registered')
    await rememberAdministrator(parts.system)
    parts.onStep('done')
  }
  return stat(pfx).then(
    () => pfx,
    () => undefined,
  )
}

/** The certificate of a start that stopped between its last file and its end. The PFX is written last. */
async function writtenBefore(parts: AdministratorParts) {
  try {
    const [key, certificatePemText] = await Promise.all(
      [pathOf(parts, 'key'), pathOf(parts, 'crt'), pathOf(parts, 'pfx')].map((path) =>
        readFile(path),
      ),
    )
    const [certificate] = readCertificates(certificatePemText ?? Buffer.alloc(0))
    const isWhole = certificate !== undefined && isKeyOf(certificate, createPrivateKey(key ?? ''))
    return isWhole && verifyIssuedBy(certificate, parts.authority.certificate)
      ? certificate
      : undefined
  } catch {
    // Absent or half: everything is made again, nobody has got any of it yet.
    return undefined
  }
}

/** RSA and PKCS#1: RavenDB's clients present nothing else. */
async function makeAdministrator(parts: AdministratorParts) {
  const now = parts.clock.now()
  const { certificate, privateKey } = await issueClientCertificate(parts.authority, {
    commonName: adminName,
    validity: { notBefore: now - dayMs, notAfter: now + clientCertificateDaysDefault * dayMs },
    keys: await makeKeyPair('rsa-3072'),
  })
  const crt = certificatePem(certificate)
  const key = privateKeyPem(privateKey)
  const contents: Readonly<Record<AdminFile, Buffer>> = {
    key: Buffer.from(key),
    crt: Buffer.from(crt),
    pem: Buffer.from(key + crt),
    pfx: await writePfx({ certificates: [certificate], privateKey }),
  }
  for (const file of adminFiles) {
    await replaceFile(pathOf(parts, file), contents[file])
    parts.onStep(`admin.${file}`)
  }
  return certificate
}

function pathOf({ folder }: AdministratorParts, file: AdminFile): string {
  return join(folder, `${adminName}.${file}`)
}

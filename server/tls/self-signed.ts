/**
 * A server certificate of our own: a private authority, whose certificate clients trust (`ca.crt`), signs a leaf under the configured
 * names. Only the leaf is renewed, at two thirds of its life, and the watch of its files serves the new one.
 */
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import type { Clock } from '#shared/clock.ts'
import { CodedError } from '#shared/errors.ts'
import { replaceFile } from '#shared/files.ts'
import { verifyIssuedBy } from '#shared/pki/certificate.ts'
import { type Issued, issueServerCertificate, makeKeyPair } from '#shared/pki/issue.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import { type CertificateFiles, loadServerCertificate } from './server-certificate.ts'

const dayMs = 24 * 60 * 60 * 1000
const leafDays = 90

export interface SelfSigned {
  readonly authority: Issued
  /** Folder of `ca.crt`, `server.crt` and `server.key`. */
  readonly folder: string
  /** Host names and addresses of this server; the first names the certificate. */
  readonly hosts: readonly string[]
  readonly clock: Clock
}

/** The files of the leaf in that folder. */
export function leafFiles(folder: string): CertificateFiles {
  return {
    path: join(folder, 'server.crt'),
    keyPath: join(folder, 'server.key'),
    password: undefined,
  }
}

/** Writes `ca.crt`, and a leaf where there is none that is ours, complete, good for all hosts and in its first two thirds. */
export async function renewWhereDue(own: SelfSigned): Promise<void> {
  const authorityPem = certificatePem(own.authority.certificate)
  const file = join(own.folder, 'ca.crt')
  const written = await readFile(file, 'utf8').catch(() => '')
  if (written !== authorityPem) await replaceFile(file, Buffer.from(authorityPem))
  if (await isDue(own)) await writeLeaf(own)
}

async function isDue({ authority, folder, hosts, clock }: SelfSigned): Promise<boolean> {
  try {
    const now = clock.now()
    const { certificate } = await loadServerCertificate(leafFiles(folder), { hosts, now })
    const { notBefore, notAfter } = certificate
    const isLate = now >= notBefore + ((notAfter - notBefore) * 2) / 3
    return isLate || !verifyIssuedBy(certificate, authority.certificate)
  } catch (error) {
    // Absent, half written, expired, under other names: all the same to us, a new one is cheap.
    if (error instanceof CodedError) return true
    throw error
  }
}

/** The key first: a crash in between leaves a pair that does not fit, which the next start replaces. */
async function writeLeaf({ authority, folder, hosts, clock }: SelfSigned): Promise<void> {
  const leaf = await issueServerCertificate(authority, {
    commonName: hosts[0] ?? 'localhost',
    dnsNames: hosts.filter((host) => isIP(host) === 0),
    ipAddresses: hosts.filter((host) => isIP(host) > 0),
    validity: validity(clock),
    keys: await makeKeyPair('p-256'),
  })
  const { path, keyPath } = leafFiles(folder)
  await replaceFile(keyPath ?? path, Buffer.from(privateKeyPem(leaf.privateKey)))
  await replaceFile(path, Buffer.from(certificatePem(leaf.certificate)))
}

/** Begins a day ago, for clients whose clocks are late. */
function validity(clock: Clock) {
  const now = clock.now()
  return { notBefore: now - dayMs, notAfter: now + leafDays * dayMs }
}

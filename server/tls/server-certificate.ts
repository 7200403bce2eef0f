/**
 * The certificate that this server shows: read from its files, checked, and followed when the files change.
 *
 * What does not pass the checks is never served. Certificate and key are read from one resolved folder: where a mounted Secret
 * is swapped by a symbolic link, both are of the same generation.
 */
import type { KeyObject } from 'node:crypto'
import { readFile, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { clockSkewMs } from '#shared/acme/limits.ts'
import type { CodedError } from '#shared/errors.ts'
import { fileMark } from '#shared/file-watch.ts'
import { contentFolder } from '#shared/files.ts'
import { type Certificate, isKeyOf, readCertificates } from '#shared/pki/certificate.ts'
import { ownFirst, sentChain } from '#shared/pki/chain.ts'
import { covers } from '#shared/pki/names.ts'
import { certificatePem, readPrivateKey } from '#shared/pki/pem.ts'
import { readPfx } from '#shared/pki/pfx-read.ts'
import { acceptedKeys, unusableKey } from '#shared/pki/tls-keys.ts'
import { tlsErrors } from './errors.ts'

export interface ServerCertificate {
  readonly certificate: Certificate
  /** PEM: the certificate and those between it and its root. A root is not sent. */
  readonly chain: string
  /** PEM without password. */
  readonly key: string
}

/** Where it comes from. */
export interface CertificateFiles {
  /** PFX, or PEM, or a folder with `tls.crt` and `tls.key`: a mounted Secret of type kubernetes.io/tls. */
  readonly path: string
  /** PEM key, where `path` is PEM without one. Not for a folder. */
  readonly keyPath: string | undefined
  readonly password: string | undefined
}

/** What it must be good for. */
export interface CertificateDemands {
  /** Host names or addresses that it must cover. */
  readonly hosts: readonly string[]
  /** Milliseconds since 1970. */
  readonly now: number
}

/** Reads and checks. Throws `ServerCertificateUnreadable`, `ServerCertificateUnusable`, `ServerCertificateTooEarly`. */
export async function loadServerCertificate(
  files: CertificateFiles,
  demands: CertificateDemands,
): Promise<ServerCertificate> {
  return checked(files.path, await readFiles(files), demands)
}

/** What somebody else read already. */
export interface GivenCertificate {
  /** Where it is from, for messages. */
  readonly origin: string
  /** PFX with its key, or PEM with its key. */
  readonly bytes: Buffer
  readonly password: string | undefined
}

/** Reads and checks, as `loadServerCertificate` does. */
export async function readServerCertificate(
  { origin, bytes, password }: GivenCertificate,
  demands: CertificateDemands,
): Promise<ServerCertificate> {
  const files = { path: origin, keyPath: undefined, password }
  const read = await readBytes(files, bytes).catch((error: unknown) => {
    throw unreadable(origin, error)
  })
  return checked(origin, read, demands)
}

function checked(origin: string, read: Read, demands: CertificateDemands): ServerCertificate {
  const { thumbprint, notBefore } = read.certificate
  if (beginsLater(read.certificate, demands.now))
    throw tlsErrors.ServerCertificateTooEarly(origin, thumbprint, new Date(notBefore).toISOString())
  const why = unsuitable(read.certificate, demands)
  if (why !== undefined) throw tlsErrors.ServerCertificateUnusable(origin, why)
  return served(origin, read)
}

/** Changes whenever one of the files does, also by a link that points elsewhere. Empty while one is missing. */
export async function certificateMark(files: CertificateFiles): Promise<string> {
  const { path, keyPath } = await located(files).catch(() => files)
  return fileMark(keyPath === undefined ? [path] : [path, keyPath])
}

interface Read {
  readonly certificate: Certificate
  readonly others: readonly Certificate[]
  readonly key: KeyObject
}

async function readFiles(files: CertificateFiles): Promise<Read> {
  try {
    const now = await located(files)
    return await readBytes(now, await readFile(now.path))
  } catch (error) {
    throw unreadable(files.path, error)
  }
}

/** The files themselves: both from the one folder that a mounted folder, or the link to the certificate, leads to now. */
async function located(files: CertificateFiles): Promise<CertificateFiles> {
  const { path, keyPath } = files
  if ((await stat(path)).isDirectory()) {
    const folder = await contentFolder(path)
    return { ...files, path: join(folder, 'tls.crt'), keyPath: join(folder, 'tls.key') }
  }
  const resolved = await realpath(path)
  return {
    ...files,
    path: resolved,
    keyPath: keyPath === undefined ? undefined : await beside(path, keyPath, resolved),
  }
}

/** The key in the folder to which the certificate was resolved, where both are configured in the same folder. */
async function beside(path: string, keyPath: string, resolved: string): Promise<string> {
  if (dirname(path) !== dirname(keyPath)) return keyPath
  const sibling = join(dirname(resolved), basename(keyPath))
  return stat(sibling).then(
    () => sibling,
    () => keyPath,
  )
}

function readBytes(files: CertificateFiles, bytes: Buffer): Promise<Read> {
  return bytes.includes('-----BEGIN ') ? readPem(files, bytes) : readPfxFile(files, bytes)
}

async function readPem({ keyPath, password }: CertificateFiles, bytes: Buffer): Promise<Read> {
  const certificates = readCertificates(bytes)
  const keyText = keyPath === undefined ? bytes : await readFile(keyPath)
  const key = readPrivateKey(keyText.toString('latin1'), password)
  const [certificate, others] = ownFirst(certificates, key)
  if (certificate === undefined) throw new Error('it holds no certificate')
  return { certificate, others, key }
}

async function readPfxFile({ password }: CertificateFiles, bytes: Buffer): Promise<Read> {
  const { certificates, privateKey } = await readPfx(bytes, password)
  const [certificate, ...others] = certificates
  if (certificate === undefined || privateKey === undefined) throw new Error('it holds no key')
  return { certificate, others, key: privateKey }
}

function unreadable(path: string, error: unknown): CodedError {
  return tlsErrors.ServerCertificateUnreadable(
    path,
    error instanceof Error ? error.message : 'unknown reason',
  )
}

/** Why a certificate cannot be used at that time under those names; nothing where it can. */
function unsuitable(certificate: Certificate, demands: CertificateDemands): string | undefined {
  const { notAfter, thumbprint, allowsServerAuth } = certificate
  if (demands.now >= notAfter)
    return `it (${thumbprint}) expired on ${new Date(notAfter).toISOString()}`
  const key = unusableKey(certificate.publicKey)
  if (key !== undefined) return `${key}, with which no client can speak; use ${acceptedKeys}`
  if (!allowsServerAuth) return 'its extended key usage does not allow it to identify a server'
  const missing = demands.hosts.find((host) => !covers(certificate, host))
  return missing === undefined ? undefined : `it does not cover the name "${missing}"`
}

/** A CA's clock may be ahead of ours: what it issues now begins then in a moment, and is good for everybody else already. */
function beginsLater({ notBefore }: Certificate, now: number): boolean {
  return now + clockSkewMs < notBefore
}

function served(path: string, { certificate, others, key }: Read): ServerCertificate {
  const answer = {
    certificate,
    chain: sentChain(certificate, others).map(certificatePem).join(''),
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
  if (!isKeyOf(certificate, key)) {
    throw tlsErrors.ServerCertificateUnusable(path, 'its key belongs to another certificate')
  }
  try {
    // OpenSSL has the last word, e.g. on keys that are too short.
    createSecureContext({ cert: answer.chain, key: answer.key })
  } catch (error) {
    throw unreadable(path, error)
  }
  return answer
}

/** Certificates that scenarios send and present, made in memory. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  X509Certificate as NodeCertificate,
  type webcrypto,
} from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { systemClock } from '#shared/clock.ts'
import { readCertificates } from '#shared/pki/certificate.ts'
import { writePfx } from '#shared/pki/pfx-write.ts'
import type { KeyPair } from './requests.ts'
import type { Fixtures, Making } from './scenario.types.ts'

const generate = promisify(generateKeyPair)
const dayMs = 86_400_000
const algorithms = {
  RSA: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  EC: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
} as const
const usages = { clientAuth: '1.3.6.1.5.5.7.3.2', serverAuth: '1.3.6.1.5.5.7.3.1' } as const

interface Made {
  readonly certificate: x509.X509Certificate
  readonly privateKey: KeyObject
}

/** Makes certificates by name and remembers them. */
export class Workshop implements Fixtures {
  readonly #made = new Map<string, Made>()
  readonly #folder: string
  readonly #announce: (name: string, pair: KeyPair) => void
  readonly serverDer: string
  readonly serverThumb: string

  /**
   * @param folder holds `server.crt`, and `ca.key` where the issuer of the server's certificate is at hand
   * @param announce told of each certificate, to make it an identity
   */
  constructor(folder: string, announce: (name: string, pair: KeyPair) => void) {
    this.#folder = folder
    this.#announce = announce
    const server = new NodeCertificate(fs.readFileSync(path.join(folder, 'server.crt')))
    this.serverDer = server.raw.toString('base64')
    this.serverThumb = thumbprint(server)
  }

  get hasServerCa(): boolean {
    return fs.existsSync(path.join(this.#folder, 'ca.key'))
  }

  async make(name: string, how: Making = {}): Promise<void> {
    const algorithm = how.algorithm ?? 'RSA'
    const privateKey = how.key ? this.#get(how.key).privateKey : await newKey(algorithm)
    const issuer = this.#issuer(how.issuer)
    const [from, to] = how.expired ? [-60, -30] : [-1, 30]
    const certificate = await x509.X509CertificateGenerator.create({
      subject: `CN=${how.cn ?? name}`,
      issuer: issuer?.certificate.subject ?? `CN=${how.cn ?? name}`,
      notBefore: new Date(systemClock.now() + from * dayMs),
      notAfter: new Date(systemClock.now() + to * dayMs),
      publicKey: publicKey(privateKey, algorithm),
      signingKey: (issuer?.privateKey ?? privateKey).toCryptoKey(
        algorithms[issuer ? 'RSA' : algorithm],
        true,
        ['sign'],
      ),
      signingAlgorithm: algorithms[issuer ? 'RSA' : algorithm],
      extensions: extensions(how),
    })
    this.#made.set(name, { certificate, privateKey })
    this.#announce(name, { cert: this.pem(name), key: pkcs8(privateKey) })
  }

  der(name: string): string {
    return Buffer.from(this.#get(name).certificate.rawData).toString('base64')
  }

  pem(name: string): string {
    return `${this.#get(name).certificate.toString('pem')}\n`
  }

  pem64(name: string): string {
    return Buffer.from(this.pem(name)).toString('base64')
  }

  thumb(name: string): string {
    return thumbprint(new NodeCertificate(this.pem(name)))
  }

  async pfx(name: string, password: string, companion?: string): Promise<string> {
    const names = companion ? [name, companion] : [name]
    const { privateKey } = this.#get(name)
    const certificates = names.flatMap((each) => readCertificates(Buffer.from(this.pem(each))))
    return (await writePfx({ privateKey, certificates, password })).toString('base64')
  }

  #get(name: string): Made {
    const made = this.#made.get(name)
    if (!made) throw new Error(`No certificate ${name} was made before this step`)
    return made
  }

  #issuer(name: string | undefined): Made | null {
    if (name === undefined) return null
    if (name !== 'server') return this.#get(name)
    const file = (extension: string) =>
      fs.readFileSync(path.join(this.#folder, `ca.${extension}`), 'utf8')
    return {
      certificate: new x509.X509Certificate(file('crt')),
      privateKey: createPrivateKey(file('key')),
    }
  }
}

/** SHA-1 in upper-case hex, as RavenDB names certificates. */
export function thumbprint(certificate: NodeCertificate): string {
  return certificate.fingerprint.replaceAll(':', '')
}

async function newKey(algorithm: 'RSA' | 'EC'): Promise<KeyObject> {
  const pair =
    algorithm === 'RSA'
      ? await generate('rsa', { modulusLength: 2048 })
      : await generate('ec', { namedCurve: 'P-256' })
  return pair.privateKey
}

function publicKey(privateKey: KeyObject, algorithm: 'RSA' | 'EC'): webcrypto.CryptoKey {
  return createPublicKey(privateKey).toCryptoKey(algorithms[algorithm], true, ['verify'])
}

function pkcs8(privateKey: KeyObject): string {
  return privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
}

function extensions({ ca, usages: wanted = ['clientAuth'] }: Making): x509.Extension[] {
  if (ca) return [new x509.BasicConstraintsExtension(true, undefined, true)]
  const { digitalSignature, keyEncipherment } = x509.KeyUsageFlags
  return [
    new x509.KeyUsagesExtension(digitalSignature | keyEncipherment, true),
    new x509.ExtendedKeyUsageExtension(wanted.map((usage) => usages[usage])),
  ]
}

/**
 * What is known of the server's own orders, in a folder that only we can enter: the account's key, the order that is being worked on, the
 * key that waits for its certificate, and the certificate with its key. Each file is whole or absent, so that a process that was killed
 * anywhere is gone on from by the next one.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ServerCertificate } from '#server/tls/server-certificate.ts'
import { loadServerCertificate } from '#server/tls/server-certificate.ts'
import { type OrderState, orderState } from '#shared/acme/order-state.ts'
import { type RenewalState, renewalState } from '#shared/acme/renewal-state.ts'
import { jsonShape } from '#shared/contract/json.ts'
import { CodedError } from '#shared/errors.ts'
import { createFileOnce, isFileError, privateFolder, replaceFile } from '#shared/files.ts'
import { type KeyKind, type KeyPair, makeKeyPair } from '#shared/pki/issue.ts'
import { privateKeyPem } from '#shared/pki/pem.ts'
import { type Static, Type } from '#shared/schema/type.ts'
import { orderErrors } from './errors.ts'
import { issuedPath } from './order-folder.ts'

const accountSchema = Type.Object({
  /** URL of the CA's directory. */
  directory: Type.String(),
  /** Its own, at that CA. */
  url: Type.String(),
  email: Type.String(),
})
export type KeptAccount = Static<typeof accountSchema>

const accountShape = jsonShape(accountSchema)
const renewalShape = jsonShape(renewalState)
const orderShape = jsonShape(orderState)

export class OrderFiles {
  readonly #folder: string

  /** Makes the folder. */
  static async open(folder: string): Promise<OrderFiles> {
    await privateFolder(folder)
    return new OrderFiles(folder)
  }

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** PEM of the issued certificate, those above it, and its key. */
  get certificatePath(): string {
    return issuedPath(this.#folder)
  }

  /** The issued certificate where it is good for these names now. */
  async issued(hosts: readonly string[], now: number): Promise<ServerCertificate | undefined> {
    const files = { path: this.certificatePath, keyPath: undefined, password: undefined }
    try {
      return await loadServerCertificate(files, { hosts, now })
    } catch (error) {
      // Absent, expired, under other names: all the same, another one is ordered.
      if (error instanceof CodedError) return undefined
      throw error
    }
  }

  /** Made once, and never again. P-256. */
  async accountKey(): Promise<KeyObject> {
    const path = this.#path('account.key')
    if ((await textOf(path)) === undefined) await createKey(path, 'p-256')
    return keyIn(path)
  }

  async account(): Promise<KeptAccount | undefined> {
    return accountShape.read((await textOf(this.#path('account.json'))) ?? '')
  }

  async keepAccount(account: KeptAccount): Promise<void> {
    await this.#write('account.json', account)
  }

  /** The order that is being worked on. One that does not read is as good as none: the CA ends it by itself. */
  async order(): Promise<OrderState | undefined> {
    return orderShape.read((await textOf(this.#path('order.json'))) ?? '')
  }

  async keepOrder(state: OrderState): Promise<void> {
    await this.#write('order.json', state)
  }

  /** Nothing is worked on any more. */
  async forgetOrder(): Promise<void> {
    await rm(this.#path('order.json'), { force: true })
  }

  /** What the CA said about renewing. One that does not read is asked for again. */
  async renewal(): Promise<RenewalState | undefined> {
    return renewalShape.read((await textOf(this.#path('renewal.json'))) ?? '')
  }

  async keepRenewal(state: RenewalState): Promise<void> {
    await this.#write('renewal.json', state)
  }

  /** The key that waits for its certificate, made where there is none. Not the one that is served. */
  async nextKey(kind: KeyKind): Promise<KeyPair> {
    const path = this.#path('next.key')
    const kept = (await textOf(path)) === undefined ? undefined : await keyIn(path)
    if (kept !== undefined && !(await this.#isServed(kept))) return pairOf(kept)
    // Left by a process that was killed after it had written the certificate.
    if (kept !== undefined) await rm(path)
    await createKey(path, kind)
    return pairOf(await keyIn(path))
  }

  /** Writes certificate and key in one go, and then forgets what led to them. */
  async finish(chain: string): Promise<void> {
    const key = await keyIn(this.#path('next.key'))
    await replaceFile(this.certificatePath, Buffer.from(chain + privateKeyPem(key)))
    await this.forgetOrder()
    await rm(this.#path('next.key'))
  }

  async #isServed(key: KeyObject): Promise<boolean> {
    const served = await textOf(this.certificatePath)
    return served?.includes(privateKeyPem(key)) === true
  }

  async #write(name: string, value: object): Promise<void> {
    await replaceFile(this.#path(name), Buffer.from(`${JSON.stringify(value, null, 2)}\n`))
  }

  #path(name: string): string {
    return join(this.#folder, name)
  }
}

async function createKey(path: string, kind: KeyKind): Promise<void> {
  const { privateKey } = await makeKeyPair(kind)
  await createFileOnce(path, Buffer.from(privateKeyPem(privateKey)))
}

async function keyIn(path: string): Promise<KeyObject> {
  const text = (await textOf(path)) ?? ''
  try {
    return createPrivateKey(text)
  } catch {
    // What OpenSSL says may quote the input.
    throw orderErrors.OrderFileDamaged(path, 'it is no PEM key')
  }
}

function pairOf(privateKey: KeyObject): KeyPair {
  return { privateKey, publicKey: createPublicKey(privateKey) }
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if (isFileError(error, 'ENOENT')) return undefined
    throw error
  })
}

/**
 * Secrets that a resource names. Whoever may write resources of our kinds has the operator read for them, so two kinds of Secrets are not
 * used: any that is not let, where the operator demands that (`secretOptIn`), and those that the operator made for another resource.
 */
import { secrets } from './kinds.ts'
import type { Kube, KubeObject } from './kube.ts'
import { label } from './labels.ts'
import { isMadeForAnother, isOwn } from './ownership.ts'
import type { Secret } from './secret.ts'

export interface SecretReading {
  readonly kube: Pick<Kube, 'get'>
  /** Only Secrets with the label `strongroom.dev/use: allowed` are used. Left out: false. */
  readonly secretOptIn?: boolean | undefined
}

/** Reason of the condition. */
export const secretNotAllowed = 'SecretNotAllowed'

/** Why the resource may not use that Secret: a sentence with the fix; nothing where it may. */
export function secretRefusal(
  secret: Secret | undefined,
  owner: KubeObject,
  {
    secretOptIn = false,
    isPublic = false,
  }: Pick<SecretReading, 'secretOptIn'> & {
    /** Only certificates are read of it, which are no secret. */
    readonly isPublic?: boolean
  },
): string | undefined {
  if (secret === undefined || secret.metadata.labels?.[label.use] === 'allowed') return undefined
  if (isOwn(secret, owner)) return undefined
  const { name } = secret.metadata
  const fix = `kubectl label secret ${name} ${label.use}=allowed`
  if (secretOptIn)
    return `Secret "${name}" is not let to be used by resources (secretOptIn): whoever may change it lets it with ${fix}`
  return isMadeForAnother(secret, owner) && !isPublic
    ? `Secret "${name}" was made by the operator for another resource: name one of your own, or let it be used with ${fix}`
    : undefined
}

/** Reads Secrets for one resource, and remembers the first that may not be used: it counts as missing. */
export class UserSecrets {
  readonly #reading: SecretReading
  readonly #owner: KubeObject
  #refusal: string | undefined

  constructor(reading: SecretReading, owner: KubeObject) {
    this.#reading = reading
    this.#owner = owner
  }

  async read(name: string): Promise<Secret | undefined> {
    const { namespace = '' } = this.#owner.metadata
    const secret = await this.#reading.kube.get<Secret>(secrets, { name, namespace })
    const refusal = secretRefusal(secret, this.#owner, this.#reading)
    this.#refusal ??= refusal
    return refusal === undefined ? secret : undefined
  }

  /** Nothing where every Secret that was read may be used. */
  get refusal(): string | undefined {
    return this.#refusal
  }
}

/**
 * The CA of both sides, with one account for both. `instant`: the account is authorized for all names beforehand, so that an order
 * needs no challenge any more, and the orders themselves are measured, not somebody's wait. Otherwise names are proven by DNS-01.
 */
import { generateKeyPair } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { AcmeApi } from '#shared/acme/acme-api.ts'
import { httpsAcme } from '#shared/acme/https-acme.ts'
import { privateKeyPem } from '#shared/pki/pem.ts'
import { type AcmeLab, acmeLab } from '#test/support/acme-lab/acme-lab.ts'

export interface Ca extends AsyncDisposable {
  readonly lab: AcmeLab
  /** PEM. RSA of 2048 bits, as cert-manager makes them: it takes no other kind. */
  readonly accountKey: string
  readonly names: readonly string[]
}

export interface CaWish {
  readonly names: readonly string[]
  readonly validation: 'instant' | 'dns-01'
  readonly say: (line: string) => void
}

const namesInOrder = 50

export async function caFor({ names, validation, say }: CaWish): Promise<Ca> {
  const isInstant = validation === 'instant'
  const lab = await acmeLab({
    tell: say,
    ...(isInstant ? { alwaysValid: true, authorizationReuse: 100 } : {}),
  })
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const { directoryUrl, trust } = lab
  const api = httpsAcme({ directoryUrl, trust, accountKey: privateKey, now: Date.now })
  await api.newAccount({})
  for (let from = 0; isInstant && from < names.length; from += namesInOrder)
    await authorize(api, names.slice(from, from + namesInOrder))
  api.close()
  return {
    lab,
    accountKey: privateKeyPem(privateKey),
    names,
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  }
}

async function authorize(api: AcmeApi, names: readonly string[]): Promise<void> {
  const { url, authorizations } = await api.newOrder({ names, profile: 'default' })
  for (const authorization of authorizations) {
    const { status, challenges } = await api.authorization(authorization)
    const [challenge] = challenges.filter(({ type }) => type === 'dns-01')
    if (status === 'pending' && challenge !== undefined) await api.answer(challenge.url)
  }
  while ((await api.order(url)).status === 'pending') await sleep(50)
}

/** The plainest order there is: one name, by HTTP-01, nothing tried again. For tests of what stands around orders. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { AcmeApi } from '#shared/acme/acme-api.ts'
import { httpsAcme } from '#shared/acme/https-acme.ts'
import { makeKeyPair } from '#shared/pki/issue.ts'
import { certificateRequest } from '#shared/pki/request.ts'
import type { AcmeLab } from './acme-lab.ts'

/** A new account's key, and nothing done with it yet. */
export async function acmeApi({
  directoryUrl,
  trust,
}: Pick<AcmeLab, 'directoryUrl' | 'trust'>): Promise<AcmeApi> {
  const { privateKey: accountKey } = await makeKeyPair('p-256')
  return httpsAcme({ directoryUrl, trust, accountKey, now: Date.now })
}

/** PEM chain of a certificate for the name. Throws with the CA's words where the order fails. */
export async function issueByHttp01(
  api: AcmeApi,
  name: string,
  present: (token: string, keyAuthorization: string) => void,
): Promise<string> {
  const { url, finalize, authorizations } = await api.newOrder({
    names: [name],
    profile: 'default',
  })
  for (const authorization of authorizations) {
    const { challenges } = await api.authorization(authorization)
    const { token, url: challenge } = challenges.find(({ type }) => type === 'http-01') ?? never()
    present(token, `${token}.${api.thumbprint}`)
    await api.answer(challenge)
  }
  const settled = async (of: readonly string[]) => {
    for (;;) {
      const now = await api.order(url)
      if (of.includes(now.status)) return now
      if (now.status === 'invalid') throw new Error(JSON.stringify(now.problem))
      await sleep(50)
    }
  }
  await settled(['ready'])
  await api.finalize(
    { url, finalize },
    await certificateRequest([name], await makeKeyPair('p-256')),
  )
  return api.certificate((await settled(['valid'])).certificate ?? never())
}

function never(): never {
  throw new Error('not there')
}

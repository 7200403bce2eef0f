/** A CA's accounts as a map, behind the port: for unit tests of what asks it. What Pebble does is what test/flows asks it. */
import type { KeyObject } from 'node:crypto'
import type { Connect } from '#operator/issuers/ask.ts'
import type { Account, AcmeApi, Directory, WantedAccount } from '#shared/acme/acme-api.ts'
import { thumbprint } from '#shared/acme/jws.ts'
import { AcmeProblem } from '#shared/acme/problem.ts'

interface Held {
  readonly url: string
  thumbprint: string
  status: Account['status']
  contact: readonly string[]
}

export class FakeCa {
  readonly accounts: Held[] = []
  /** Each exchange, e.g. `new-account`. */
  readonly asked: string[] = []
  /** `keyId:key` of external accounts; none: they are not asked for. */
  readonly customers = new Map<string, string>()
  profiles: Readonly<Record<string, string>> | undefined
  /** Thrown by the next exchange of that name; `*`: by each. */
  readonly failures = new Map<string, Error>()
  open = 0

  readonly connect: Connect = ({ accountKey }) => {
    this.open += 1
    return this.#api(accountKey) as AcmeApi
  }

  #api(accountKey: KeyObject): Partial<AcmeApi> {
    let print = thumbprint(accountKey)
    const own = (): Held => {
      const held = this.accounts.find((one) => one.thumbprint === print)
      if (held === undefined) throw problem('accountDoesNotExist', 'no account has this key')
      if (held.status !== 'valid') throw problem('unauthorized', 'account is deactivated')
      return held
    }
    return {
      get thumbprint() {
        return print
      },
      directory: async () => {
        this.#ask('directory')
        return this.#directory()
      },
      newAccount: async (wanted) => {
        const isSearch = wanted.onlyReturnExisting === true
        this.#ask(isSearch ? 'find-account' : 'new-account')
        const found = this.accounts.find((one) => one.thumbprint === print)
        if (found !== undefined || isSearch) return { ...own() }
        return { ...this.#made(print, wanted) }
      },
      account: async () => {
        this.#ask('account')
        return { ...own() }
      },
      changeContact: async (contact) => {
        this.#ask('change-contact')
        return { ...Object.assign(own(), { contact }) }
      },
      changeKey: async (next) => {
        this.#ask('key-change')
        own().thumbprint = thumbprint(next)
        print = thumbprint(next)
      },
      close: () => {
        this.open -= 1
      },
    }
  }

  #made(print: string, { contact = [], externalAccount }: WantedAccount): Held {
    if (this.customers.size > 0) {
      const key = this.customers.get(externalAccount?.keyId ?? '')
      const given = Buffer.from(externalAccount?.key ?? '').toString('base64url')
      if (key === undefined || key !== given) throw problem('unauthorized', 'the MAC is wrong')
    }
    const url = `https://ca.example/account/${this.accounts.length + 1}`
    const held: Held = { url, thumbprint: print, status: 'valid', contact }
    this.accounts.push(held)
    return held
  }

  #ask(action: string): void {
    this.asked.push(action)
    const always = this.failures.get('*')
    if (always !== undefined) throw always
    const failure = this.failures.get(action)
    this.failures.delete(action)
    if (failure !== undefined) throw failure
  }

  #directory(): Directory {
    const url = 'https://ca.example/'
    return {
      newNonce: url,
      newAccount: url,
      newOrder: url,
      revokeCert: url,
      keyChange: url,
      externalAccountRequired: this.customers.size > 0,
      profiles: this.profiles,
    }
  }
}

export function problem(type: string, detail: string, status = 400): AcmeProblem {
  return new AcmeProblem({ status, type, detail, subproblems: [] })
}

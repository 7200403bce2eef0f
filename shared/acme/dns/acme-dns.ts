/**
 * acme-dns, a small server that holds nothing but challenges: the name's CNAME leads to the subdomain of an account there. It keeps the
 * last two values, so there is nothing to take away, and a value that is there already must not be sent again: it would push out the
 * other one. (It tells the older one by full seconds: a third value within one second takes the place of any. An order has two.)
 */

import { jsonShape } from '#shared/contract/json.ts'
import type { Egress } from '#shared/egress.ts'
import { type Static, Type } from '#shared/schema/type.ts'
import { Api, apiUrl, needed, problemText } from './api.ts'
import type { AcmeDnsConfig } from './configuration.ts'
import { dnsErrors } from './errors.ts'
import { canonicalName } from './name.ts'
import type { DnsProvider, PlacedRecord } from './provider.ts'

const accountSchema = Type.Object({
  username: Type.String({ minLength: 1, maxLength: 200 }),
  password: Type.String({ minLength: 1, maxLength: 200 }),
  fulldomain: Type.String({ minLength: 1, maxLength: 255 }),
  subdomain: Type.String({ minLength: 1, maxLength: 200 }),
})
const accountsShape = jsonShape(Type.Record(Type.String({ maxLength: 255 }), accountSchema))
type Account = Static<typeof accountSchema>

export interface AcmeDnsMeans {
  readonly egress?: Egress | undefined
  /** Whether the TXT record shows this value already; false where nobody knows. */
  readonly shows: (name: string, value: string, signal: AbortSignal) => Promise<boolean>
}

/** `accounts`: JSON, name → what acme-dns answered to `/register`. Throws `DnsSolverInvalid`. */
export function acmeDns(
  config: AcmeDnsConfig,
  accounts: string | undefined,
  means: AcmeDnsMeans,
): DnsProvider {
  const url = apiUrl('acme-dns', config.url)
  const byName = accountsOf(needed(accounts, 'the JSON of acme-dns accounts'))
  const api = new Api({
    provider: 'acme-dns',
    trust: config.caBundle,
    egress: means.egress,
    secrets: [...byName.values()].flatMap(({ username, password }) => [username, password]),
    fixes: {
      401: 'Check username, password, subdomain and allowed addresses (allowfrom) of the account',
    },
  })
  return {
    put: async (record, signal) => {
      const account = accountFor(record, byName)
      if (await means.shows(canonicalName(account.fulldomain), record.value, signal)) return
      await update(api, { url, account, record }, signal)
    },
    remove: () => Promise.resolve(),
  }
}

function accountsOf(text: string): ReadonlyMap<string, Account> {
  const accounts = accountsShape.read(text)
  if (accounts !== undefined) {
    return new Map(Object.entries(accounts).map(([name, one]) => [canonicalName(name), one]))
  }
  throw dnsErrors.DnsSolverInvalid(
    'the acme-dns accounts in the Secret cannot be read',
    'Write JSON: {"db.example.com": {"username": …, "password": …, "fulldomain": …, "subdomain": …}}',
  )
}

function accountFor({ domain }: PlacedRecord, accounts: ReadonlyMap<string, Account>): Account {
  const account = accounts.get(domain)
  if (account !== undefined) return account
  throw dnsErrors.DnsSolverInvalid(
    `its Secret has no acme-dns account for ${domain}`,
    `Register one, add it to the Secret, and let _acme-challenge.${domain} be a CNAME to its fulldomain`,
  )
}

async function update(
  api: Api,
  { url, account, record }: { url: string; account: Account; record: PlacedRecord },
  signal: AbortSignal,
): Promise<void> {
  const what = `set the TXT record of ${canonicalName(account.fulldomain)}`
  const { status, body } = await api.call(what, {
    method: 'POST',
    url: `${url}/update`,
    headers: {
      'content-type': 'application/json',
      'x-api-user': account.username,
      'x-api-key': account.password,
    },
    body: JSON.stringify({ subdomain: account.subdomain, txt: record.value }),
    signal,
  })
  if (status !== 200) throw api.refusal(what, status, problemText(String(body)))
}

/** Cloudflare's API, version 4: the zone by walking up the names, one TXT record for each value. */

import { type JsonShape, jsonShape } from '#shared/contract/json.ts'
import type { Egress } from '#shared/egress.ts'
import { type TSchema, Type } from '#shared/schema/type.ts'
import { Api, apiUrl, needed } from './api.ts'
import type { CloudflareConfig } from './configuration.ts'
import { dnsErrors } from './errors.ts'
import { apiPagesMax } from './limits.ts'
import { withParents } from './name.ts'
import type { DnsProvider, PlacedRecord } from './provider.ts'

const publicUrl = 'https://api.cloudflare.com/client/v4'
/** The shortest that all plans allow. */
const ttlSeconds = 60
const perPage = 100
/** "An identical record already exists." */
const identicalRecord = 81_058

const problems = jsonShape(
  Type.Object({
    errors: Type.Array(Type.Object({ code: Type.Integer(), message: Type.String() })),
  }),
)
const zones = answerOf(Type.Array(Type.Object({ id: Type.String(), name: Type.String() })))
const records = answerOf(Type.Array(Type.Object({ id: Type.String(), content: Type.String() })))

/** Throws `DnsSolverInvalid`. */
export function cloudflare(
  config: CloudflareConfig,
  secret: string | undefined,
  egress?: Egress,
): DnsProvider {
  const token = needed(secret, "Cloudflare's API token")
  const api = new Api({
    provider: 'Cloudflare',
    trust: config.caBundle,
    egress,
    secrets: [token],
    fixes: {
      400: 'Check that the Secret holds an API token, and not the global key',
      401: 'Make an API token with Zone:Read and DNS:Edit, and put it into the Secret',
      403: 'Give the API token Zone:Read and DNS:Edit for this zone',
      429: 'Cloudflare limits calls; it is tried again',
    },
  })
  const url = apiUrl('Cloudflare', config.url ?? publicUrl)
  const calls = new Calls({ api, url, token, zoneId: config.zoneId })
  return {
    put: (record, signal) => calls.put(record, signal),
    remove: (record, signal) => calls.remove(record, signal),
  }
}

interface Parts {
  readonly api: Api
  readonly url: string
  readonly token: string
  readonly zoneId: string | undefined
}

interface Wanted {
  readonly what: string
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: unknown
  readonly signal: AbortSignal
}

class Calls {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async put({ name, value }: PlacedRecord, signal: AbortSignal): Promise<void> {
    const path = `/zones/${await this.#zoneId(name, signal)}/dns_records`
    if ((await this.#idsOf(path, { name, value }, signal)).length > 0) return
    const body = { type: 'TXT', name, content: `"${value}"`, ttl: ttlSeconds }
    const what = `add the TXT record of ${name}`
    const { status, text } = await this.#answer({ what, method: 'POST', path, body, signal })
    if (status < 300 || problems.read(text)?.errors.some(({ code }) => code === identicalRecord)) {
      return
    }
    throw this.#refusal(what, status, text)
  }

  async remove({ name, value }: PlacedRecord, signal: AbortSignal): Promise<void> {
    const path = `/zones/${await this.#zoneId(name, signal)}/dns_records`
    const what = `delete the TXT record of ${name}`
    for (const id of await this.#idsOf(path, { name, value }, signal)) {
      const one = `${path}/${encodeURIComponent(id)}`
      const { status, text } = await this.#answer({ what, method: 'DELETE', path: one, signal })
      if (status >= 300 && status !== 404) throw this.#refusal(what, status, text)
    }
  }

  async #zoneId(name: string, signal: AbortSignal): Promise<string> {
    if (this.#parts.zoneId !== undefined) return encodeURIComponent(this.#parts.zoneId)
    for (const candidate of withParents(name).slice(1)) {
      const path = `/zones?${new URLSearchParams({ name: candidate })}`
      const what = `find the zone of ${name}`
      const { result } = await this.#read(zones, { what, method: 'GET', path, signal })
      const zone = result.find((each) => each.name === candidate)
      if (zone !== undefined) return encodeURIComponent(zone.id)
    }
    throw dnsErrors.DnsZoneNotFound(
      name,
      'the Cloudflare account of this token',
      'Give the API token Zone:Read for the zone, or set zoneId',
    )
  }

  /** Ids of the records with this value: Cloudflare writes it with quotes or without. */
  async #idsOf(
    path: string,
    { name, value }: { readonly name: string; readonly value: string },
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const ids: string[] = []
    for (let page = 1; page <= apiPagesMax; page += 1) {
      const query = { type: 'TXT', name, per_page: String(perPage), page: String(page) }
      const answer = await this.#read(records, {
        what: `list the TXT records of ${name}`,
        method: 'GET',
        path: `${path}?${new URLSearchParams(query)}`,
        signal,
      })
      const found = answer.result.filter(({ content }) => content.replaceAll('"', '') === value)
      ids.push(...found.map(({ id }) => id))
      if (page >= (answer.result_info?.total_pages ?? 1)) break
    }
    return ids
  }

  async #read<T>(shape: JsonShape<T>, wanted: Wanted): Promise<T> {
    const { status, text } = await this.#answer(wanted)
    const answer = status < 300 ? shape.read(text) : undefined
    if (answer === undefined) throw this.#refusal(wanted.what, status, text)
    return answer
  }

  async #answer({ what, path, body, ...call }: Wanted): Promise<{ status: number; text: string }> {
    const { api, url, token } = this.#parts
    const answer = await api.call(what, {
      ...call,
      url: url + path,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: answer.status, text: String(answer.body) }
  }

  #refusal(what: string, status: number, text: string): Error {
    const errors = problems.read(text)?.errors ?? []
    const words = errors.map(({ code, message }) => `${message} (${code})`).join('; ')
    const unread = status < 300 ? 'which is no answer of its API' : ''
    return this.#parts.api.refusal(what, status, words === '' ? unread : words)
  }
}

function answerOf<const Result extends TSchema>(result: Result) {
  return jsonShape(
    Type.Object({
      result,
      result_info: Type.Optional(Type.Object({ total_pages: Type.Optional(Type.Integer()) })),
    }),
  )
}

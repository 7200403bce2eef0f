/** Somebody's own service, told what to put where. The contract: docs/reference/dns-webhook.md. */
import { createHash, createHmac } from 'node:crypto'
import type { Clock } from '#shared/clock.ts'
import type { Egress } from '#shared/egress.ts'
import { Api, apiUrl, needed, problemText } from './api.ts'
import type { WebhookConfig } from './configuration.ts'
import type { DnsProvider, PlacedRecord } from './provider.ts'

export interface WebhookMeans {
  readonly clock: Clock
  readonly egress?: Egress | undefined
  /** The zone that holds the name, or undefined where nobody knows. */
  readonly zoneOf: (name: string, signal: AbortSignal) => Promise<string | undefined>
}

type Action = 'present' | 'cleanup'

/** Throws `DnsSolverInvalid`. */
export function webhook(
  config: WebhookConfig,
  secret: string | undefined,
  means: WebhookMeans,
): DnsProvider {
  const key = needed(secret, 'the key of the webhook')
  const url = apiUrl('the webhook', config.url)
  const api = new Api({
    provider: 'webhook',
    trust: config.caBundle,
    egress: means.egress,
    secrets: [key],
    fixes: { 401: 'Give both ends the same key', 403: 'Give both ends the same key' },
  })
  const send = async (action: Action, record: PlacedRecord, signal: AbortSignal): Promise<void> => {
    const zone = (await means.zoneOf(record.name, signal)) ?? null
    const { name: fqdn, value } = record
    const body = JSON.stringify({ action, fqdn, zone, value, uid: uidOf(record) })
    const what = `${action === 'present' ? 'set' : 'take away'} the TXT record of ${fqdn}`
    const headers = { 'content-type': 'application/json', ...proof(config, key, sealed(body)) }
    const answer = await api.call(what, { method: 'POST', url, headers, body, signal })
    if (answer.status < 200 || answer.status > 299) {
      throw api.refusal(what, answer.status, problemText(String(answer.body)))
    }
  }
  const sealed = (body: string) => ({ body, seconds: Math.floor(means.clock.now() / 1000) })
  return {
    put: (record, signal) => send('present', record, signal),
    remove: (record, signal) => send('cleanup', record, signal),
  }
}

/** The same for the same value at the same name, however often it is sent. */
function uidOf({ name, value }: PlacedRecord): string {
  return createHash('sha256').update(`${name} ${value}`).digest('hex').slice(0, 32)
}

function proof(
  { authentication = 'Hmac' }: WebhookConfig,
  key: string,
  { body, seconds }: { readonly body: string; readonly seconds: number },
): Record<string, string> {
  if (authentication === 'Bearer') return { authorization: `Bearer ${key}` }
  const signature = createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex')
  return {
    'x-strongroom-timestamp': String(seconds),
    'x-strongroom-signature': `sha256=${signature}`,
  }
}

/** What each DNS provider does, and no more: whoever asks knows where the record belongs. */
import type { TxtRecord } from './record.ts'

export interface PlacedRecord extends TxtRecord {
  /** The name to be proven, without `*.`; `name` may lie elsewhere, behind CNAMEs. */
  readonly domain: string
}

/** Both may be repeated, and leave every other value of the same name alone. Errors are coded and hold no secret. */
export interface DnsProvider {
  put(record: PlacedRecord, signal: AbortSignal): Promise<void>
  /** It may be gone already. */
  remove(record: PlacedRecord, signal: AbortSignal): Promise<void>
}

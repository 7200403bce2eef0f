/**
 * Replaces what differs from run to run (times, ids, certificates, counters) and what is not ours to keep (the texts of
 * messages) by a word in angle brackets, so that records can be compared.
 */

/** How much of a body is kept. */
export interface Scrubbing {
  /** Keep only keys and types; of a list only the first item. */
  readonly shape?: boolean
  /** Keep the full name of this automatic index. */
  readonly exactIndex?: string
}

/** Values of these keys are replaced whole. */
const keyRules: readonly (readonly [RegExp, string])[] = [
  [
    /^(Certificate|CertificateBase64|ServerCertificate|LoadedServerCert|PublicKeyPinningHash)$/,
    'certificate',
  ],
  [/^(Thumbprint|CollectionPrimaryKey)$/, 'thumbprint'],
  [/^Humane\w*$/, 'size'],
  [/(change-?vector|ChangeVector\w*)$/i, 'change vector'],
  [
    /^(ServerId|TopologyId|DatabaseId|DbId|DatabaseTopologyIdBase64|ClusterTransactionIdBase64|Hash|StampId)$/,
    'id',
  ],
  [/(TimeStamp|Time|-modified|NotAfter|NotBefore|CreatedAt|LastModified|LastRangeAt)$/i, 'time'],
]

const numberKeys =
  /(Etag|Index|Term|DurationInMs|DurationInMilliseconds|TransactionId|IndexHash|SizeInBytes|UpTime|Pid|Ticks|LeaderShipDuration)$/
/** Zero under these keys says nothing: it depends on speed and age. */
const numberKeysWithoutZero = /Duration|Index|Etag/

/** Texts of messages: their presence is compared, never their words. */
const messageKeys = /^(Message|Error|Reason|StalenessReasons|text)$/

const textRules: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '<guid>'],
  [/\b[0-9A-F]{40}\b/gi, '<thumbprint>'],
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?/g, '<time>'],
  [/(\b[A-Z]+:\d+-[A-Za-z0-9+/]{22}(, )?)+/g, '<change vector>'],
  [/(https?|tcp):\/\/(localhost|127\.0\.0\.1)(:\d+)?/g, '<$1 url>'],
  [/MII[A-Za-z0-9+/]{200,}={0,2}/g, '<certificate>'],
  [/\b0000000000\d{9}-A\b/g, '<id19>-A'],
  [/\b\d{1,2}\/\d{1,2}\/\d{4} \d{1,2}:\d\d:\d\d( [AP]M)?/g, '<time>'],
  [/\d{4}-\d\d-\d\d(%20| )\d\d-\d\d/g, '<time>'],
  [/\?err=.*$/, '?err=<text>'],
]

/** Words of enums: clients throw on one that they do not know, so each is compared, also where only the shape of an answer is. */
const enumKeys = /^(ServerRole|CurrentState|DatabaseState|DynamicNodesDistribution)$/

/** A value of an answer, ready to be recorded. */
export function scrub(value: unknown, scrubbing: Scrubbing = {}, key = ''): unknown {
  if (key === 'NodeLicenseDetails') return '<licence details>' // null or an object: depends on the age of the server
  if (Array.isArray(value)) return scrubList(value, scrubbing, key)
  // Which certificate comes first in a list is chance.
  if (key === 'Permissions' && value !== null && scrubbing.shape) return '<permissions>'
  if (value !== null && typeof value === 'object') return scrubObject(value, scrubbing)
  if (typeof value === 'number') return scrubNumber(value, scrubbing, key)
  if (typeof value === 'boolean') return scrubbing.shape ? '<boolean>' : value
  return typeof value === 'string' && value !== '' ? scrubString(value, scrubbing, key) : value
}

/** Volatile parts of a text, replaced. */
export function scrubText(text: string): string {
  return textRules.reduce((scrubbed, [pattern, word]) => scrubbed.replace(pattern, word), text)
}

function scrubList(list: readonly unknown[], scrubbing: Scrubbing, key: string): unknown[] {
  return (scrubbing.shape ? list.slice(0, 1) : list).map((item) => scrub(item, scrubbing, key))
}

function scrubObject(object: object, scrubbing: Scrubbing): Record<string, unknown> {
  const kept = Object.entries(object).filter(([key]) => key !== 'ServerVersion') // comes about 45 s after the start
  return Object.fromEntries(
    kept.map(([key, value]) => [
      scrubText(key.replace(/^\d\d:\d\d:\d\d$/, '<clock>')),
      scrub(value, scrubbing, key),
    ]),
  )
}

function scrubNumber(value: number, { shape }: Scrubbing, key: string): unknown {
  if (!numberKeys.test(key)) return shape ? '<number>' : value
  if (value === 0 && !numberKeysWithoutZero.test(key)) return 0
  return value < 0 && key !== 'ResultEtag' ? '<negative number>' : '<number>'
}

function scrubString(value: string, { shape, exactIndex }: Scrubbing, key: string): string {
  if (/^[A-Za-z0-9+/]{43}=$/.test(value) && !keyRules.some(([keys]) => keys.test(key)))
    return '<key of 32 bytes>'
  if (messageKeys.test(key)) return '<text>'
  if (key === 'IndexName' && value !== exactIndex && value.startsWith('Auto/'))
    return value.replace(/By.*/, 'By<fields>')
  if (enumKeys.test(key) && /^[A-Za-z]+$/.test(value)) return value
  const rule = keyRules.find(([keys]) => keys.test(key))
  if (rule) return `<${rule[1]}>`
  const scrubbed = scrubText(value)
  return shape && !scrubbed.startsWith('<') ? '<string>' : scrubbed
}

/** The little of Route 53's XML that we read and write. Their answers have no attributes in these elements, and no CDATA. */

export interface HostedZone {
  /** Without `/hostedzone/`. */
  readonly id: string
  /** Without the dot at the end. */
  readonly name: string
  readonly isPrivate: boolean
}

/** All TXT values of one name. */
export interface RecordSet {
  readonly name: string
  readonly ttlSeconds: number
  /** As they stand there, each with its quotes. */
  readonly values: readonly string[]
}

export function hostedZones(xml: string): readonly HostedZone[] {
  return elements(xml, 'HostedZone').map((zone) => ({
    id: text(zone, 'Id').replace(/^\/hostedzone\//, ''),
    name: text(zone, 'Name').replace(/\.$/, ''),
    isPrivate: text(zone, 'PrivateZone') === 'true',
  }))
}

/** The plain set of this name; one that is answered by weight or place has an identifier and is somebody's own. */
export function txtRecordSet(xml: string, name: string): RecordSet | undefined {
  const found = elements(xml, 'ResourceRecordSet').find(
    (set) =>
      text(set, 'Name').replace(/\.$/, '') === name &&
      text(set, 'Type') === 'TXT' &&
      text(set, 'SetIdentifier') === '',
  )
  if (found === undefined) return undefined
  const values = elements(found, 'Value').map(unescaped)
  return { name, ttlSeconds: Number(text(found, 'TTL')), values }
}

/** Puts one set in the place of the other, as one act: it is refused where the one that is there is not `before`. */
export function replacement(before: RecordSet | undefined, after: RecordSet | undefined): string {
  const changes = [change('DELETE', before), change('CREATE', after)].join('')
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    '<ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/">' +
    `<ChangeBatch><Changes>${changes}</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>`
  )
}

export interface AwsProblem {
  /** E.g. `AccessDenied`; empty where there is none. */
  readonly code: string
  readonly message: string
}

export function awsProblem(xml: string): AwsProblem {
  const messages = elements(xml, 'Message').map(unescaped)
  const code =
    text(xml, 'Code') || (xml.includes('<InvalidChangeBatch') ? 'InvalidChangeBatch' : '')
  return { code, message: messages.join('; ') }
}

function change(action: 'DELETE' | 'CREATE', set: RecordSet | undefined): string {
  if (set === undefined) return ''
  const values = set.values.map(
    (value) => `<ResourceRecord><Value>${escaped(value)}</Value></ResourceRecord>`,
  )
  return (
    `<Change><Action>${action}</Action><ResourceRecordSet><Name>${escaped(set.name)}.</Name>` +
    `<Type>TXT</Type><TTL>${set.ttlSeconds}</TTL>` +
    `<ResourceRecords>${values.join('')}</ResourceRecords></ResourceRecordSet></Change>`
  )
}

function elements(xml: string, name: string): readonly string[] {
  return xml
    .split(`<${name}>`)
    .slice(1)
    .flatMap((rest) => {
      const end = rest.indexOf(`</${name}>`)
      return end < 0 ? [] : [rest.slice(0, end)]
    })
}

function text(xml: string, name: string): string {
  return unescaped(elements(xml, name)[0] ?? '')
}

const entities: readonly (readonly [string, string])[] = [
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&apos;'],
]

function escaped(plain: string): string {
  return entities.reduce((done, [from, to]) => done.replaceAll(from, to), plain)
}

/** Numbers are written for what is no letter; `&amp;` last, so that nothing is undone twice. */
function unescaped(xml: string): string {
  const numbers = xml.replace(/&#(\d{1,6});/g, (_, code) => String.fromCodePoint(Number(code)))
  return entities.toReversed().reduce((done, [to, from]) => done.replaceAll(from, to), numbers)
}

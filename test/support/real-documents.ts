/**
 * Documents as real programs write them, as JSON *text*: orders, people, products, events and a few oddities, nested, in many
 * scripts, with numbers of every spelling, from 2 bytes (`{}`, the smallest document there is) to 2 MB, with and without `@metadata`.
 */
import { arrayText, numberText, objectText, spaceText, stringText } from './json-text.ts'
import { type Seeded, seeded } from './seeded.ts'

export interface RealDocument {
  readonly id: string
  /** Under `@metadata.@collection`; nothing where the document came without metadata. */
  readonly collection: string | undefined
  /** The text that is sent. */
  readonly text: string
}

type Member = readonly [key: string, value: string]
interface Kind {
  readonly collection: string
  readonly members: (random: Seeded, odd: boolean) => Member[]
}

const plain = (text: string): string => JSON.stringify(text)
const date = (random: Seeded): string =>
  plain(
    `20${random.whole(10, 26)}-0${random.whole(1, 9)}-1${random.whole(0, 9)}T12:00:00.${random.whole(1000000, 9999999)}Z`,
  )

const order: Kind = {
  collection: 'Orders',
  members: (random, odd) => [
    ['"Company"', plain(`companies/${random.whole(1, 90)}-A`)],
    ['"Employee"', plain(`employees/${random.whole(1, 9)}-A`)],
    ['"OrderedAt"', date(random)],
    ['"ShippedAt"', random.chance(0.2) ? 'null' : date(random)],
    ['"Freight"', numberText(random)],
    ['"ShipTo"', address(random, odd)],
    [
      '"Lines"',
      arrayText(
        random,
        several(random, 0, 8, () => orderLine(random, odd)),
        odd,
      ),
    ],
    ['"Total"', numberText(random)],
    ['"Paid"', random.pick(['true', 'false'])],
  ],
}

const person: Kind = {
  collection: 'People',
  members: (random, odd) => [
    ['"\\u006eame"', stringText(random, random.whole(1, 40))],
    ['"straße"', stringText(random, 20)],
    ['"年齢"', numberText(random)],
    ['"address"', address(random, odd)],
    [
      '"tags"',
      arrayText(
        random,
        several(random, 0, 5, () => stringText(random, 8)),
        odd,
      ),
    ],
    ['"full name"', stringText(random, 30)],
    ['""', random.pick(['null', '""', '[]', '{}'])],
    ['"manager"', random.pick(['null', '"people/1"'])],
  ],
}

const product: Kind = {
  collection: 'Products',
  members: (random, odd) => [
    ['"Name"', stringText(random, 24)],
    ['"PricePerUnit"', numberText(random)],
    ['"Discontinued"', 'false'],
    ['"Attributes"', nested(random, random.whole(0, 4), odd)],
    [
      '"Dimensions"',
      arrayText(
        random,
        several(random, 3, 3, () => numberText(random)),
        odd,
      ),
    ],
    ['"Description"', stringText(random, random.whole(0, 600))],
  ],
}

const event: Kind = {
  collection: 'events-log',
  members: (random, odd) => [
    ['"at"', date(random)],
    ['"$type"', plain('Acme.Events.Happened, Acme')],
    ['"payload"', nested(random, random.whole(1, 6), odd)],
    ['"inner"', objectText(random, [['"@metadata"', '{"@id":"not mine"}']], odd)],
    ['"quoted"', '"a string that says \\"@metadata\\":{} and } and ]"'],
  ],
}

const tiny: Kind = {
  collection: 'Tiny',
  members: (random) => (random.chance(0.5) ? [] : [['"a"', numberText(random)]]),
}

const deep: Kind = {
  collection: 'Deep',
  members: (random) => [['"d"', `${'{"d":['.repeat(60)}${numberText(random)}${']}'.repeat(60)}`]],
}

const kinds = [order, order, order, person, person, product, product, event, tiny]

/** The n-th documents of that seed; `largeEvery` documents come one of 2 MB, and ten times as many of 100 KB. */
export function* realDocuments(options: {
  readonly seed: number
  readonly count: number
  readonly largeEvery?: number
}): Generator<RealDocument> {
  const random = seeded(options.seed)
  const largeEvery = options.largeEvery ?? 5000
  for (let index = 0; index < options.count; index++) {
    const kind = index % 501 === 500 ? deep : random.pick(kinds)
    const odd = random.chance(0.15)
    const members = kind.members(random, odd)
    const bytes = bulkBytes(index, largeEvery)
    if (bytes > 0) members.push(['"bulk"', stringText(random, bytes)])
    const collection = random.chance(0.85) ? kind.collection : undefined
    if (collection !== undefined) insertMetadata(random, members, metadata(random, collection, odd))
    const text =
      members.length === 0 ? `{${spaceText(random, odd)}}` : objectText(random, members, odd)
    yield { id: documentId(random, kind, index), collection, text }
  }
}

function bulkBytes(index: number, largeEvery: number): number {
  if (index % largeEvery === largeEvery - 1) return 1_700_000 // characters; 2 MB in UTF-8
  if (index % Math.ceil(largeEvery / 10) === 7) return 80_000
  if (index % 97 === 13) return 9_000
  return 0
}

function documentId(random: Seeded, kind: Kind, index: number): string {
  const prefix = kind.collection.toLowerCase()
  if (random.chance(0.9)) return `${prefix}/${index}-A`
  return `${prefix}/${random.pick(['käse', '東京', 'a b', 'a+b', '100%', 'q?x=1&y', "o'neil", '😀', 'x"y', 'UPPER'])}/${index}`
}

function insertMetadata(random: Seeded, members: Member[], value: string): void {
  const place = random.pick([0, Math.floor(members.length / 2), members.length])
  members.splice(place, 0, ['"@metadata"', value])
}

function metadata(random: Seeded, collection: string, odd: boolean): string {
  const members: Member[] = [['"@collection"', plain(collection)]]
  if (random.chance(0.5)) members.push(['"Raven-Node-Type"', plain(collection.replace(/s$/, ''))])
  if (random.chance(0.3)) members.push(['"@nested-object-types"', '{}'])
  if (random.chance(0.2)) members.push(['"@expires"', '"2099-01-01T00:00:00.0000000Z"'])
  if (random.chance(0.2)) members.push(['"my key"', nested(random, 2, odd)])
  return objectText(random, members, odd)
}

function several(random: Seeded, low: number, high: number, make: () => string): string[] {
  return Array.from({ length: random.whole(low, high) }, make)
}

function address(random: Seeded, odd: boolean): string {
  return objectText(
    random,
    [
      ['"Line1"', stringText(random, 18)],
      ['"City"', stringText(random, 8)],
      ['"PostalCode"', plain(String(random.whole(10000, 99999)))],
      [
        '"Location"',
        objectText(
          random,
          [
            ['"Latitude"', numberText(random)],
            ['"Longitude"', numberText(random)],
          ],
          odd,
        ),
      ],
    ],
    odd,
  )
}

function orderLine(random: Seeded, odd: boolean): string {
  return objectText(
    random,
    [
      ['"Product"', plain(`products/${random.whole(1, 77)}-A`)],
      ['"ProductName"', stringText(random, 16)],
      ['"PricePerUnit"', numberText(random)],
      ['"Quantity"', numberText(random)],
      ['"Discount"', numberText(random)],
    ],
    odd,
  )
}

function nested(random: Seeded, depth: number, odd: boolean): string {
  if (depth === 0)
    return random.pick([
      'null',
      'true',
      'false',
      '[]',
      '{}',
      numberText(random),
      stringText(random, 12),
    ])
  const children = several(random, 0, 3, () => nested(random, depth - 1, odd))
  if (random.chance(0.4)) return arrayText(random, children, odd)
  return objectText(
    random,
    children.map((child, index) => [plain(`k${index}`), child]),
    odd,
  )
}

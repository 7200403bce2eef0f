import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { scanJson, scanJsonInSteps, scanJsonObject } from '#server/database/json/scan.ts'
import type { JsonValue } from '#server/database/json/value.ts'
import {
  jsonDepthMax,
  jsonNameBytesMax,
  jsonNumberBytesMax,
  jsonValuesMax,
  sliceBytes,
} from '#server/limits.ts'
import { hasCode } from '#shared/errors.ts'

function codeOf(text: string | Buffer): string | undefined {
  try {
    scanJson(Buffer.from(text as string), 3)
    return undefined
  } catch (error) {
    for (const code of [
      'JsonInvalid',
      'JsonNotUtf8',
      'JsonDuplicateName',
      'JsonTooDeep',
      'JsonTooWide',
    ]) {
      if (hasCode(error, code)) return code
    }
    throw error
  }
}

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const good = [
  ...['{}', '[]', ' {"a" : [ 1 , "x" , null , true , false ] }\r\n\t', '"\\u00e9\\n\\/"', '0'],
  ...['-0', '1.10', '12345678901234567890', '1e400', '-1.5E-7', '0e0', '"\\ud800"', '"\u2028"'],
]
for (const text of good) {
  test(`scanJson() accepts ${text}`, () => assert.equal(codeOf(text), undefined))
}

const bad = [
  ...['', ' ', '{', '{"a"', '{"a":', '{"a":1', '{"a":1,}', '[1,]', '[1 2]', '{,}', '{"a" 1}'],
  ...['{a:1}', "{'a':1}", '{"a":1}}', '{"a":1} x', '01', '-', '1.', '.5', '1e', '1e+', '+1', '--1'],
  ...['tru', 'True', 'nul', 'NaN', 'Infinity', 'undefined', '"', '"\\', '"\\x"', '"\\u12g4"'],
  ...['"\\u12"', '"a\nb"', '"\u0000"', '{/*x*/"a":1}', '\ufeff{}', '{"a":1}\u0000', '\u00a0{}'],
]
for (const text of bad) {
  test(`scanJson() refuses ${JSON.stringify(text)}`, () =>
    assert.equal(codeOf(text), 'JsonInvalid'))
}

test('scanJson() names the byte where it stopped', () => {
  const at = (text: string, byte: number) =>
    assert.throws(() => scanJson(Buffer.from(text), 0), new RegExp(`at byte ${byte} `))
  at('{"a":}', 5)
  at('{"ä":}', 6)
  at('{"a":"b', 7)
  at('[1,2', 4)
})

test('scanJson() names the byte where UTF-8 ends', () => {
  for (const [bytes, valid] of [
    [[0x22, 0xff, 0x22], 1],
    [[0x22, 0xc3, 0x22], 1],
    [[0x22, 0xc3, 0xa9, 0xe2, 0x82, 0x22], 3],
    [[0x22, 0xed, 0xa0, 0x80, 0x22], 1],
    [[0x22, 0x61, 0xf0, 0x9f, 0x98], 2],
  ] as const) {
    assert.throws(
      () => scanJson(Buffer.from(bytes), 0),
      new RegExp(`at byte ${valid} it is not UTF-8`),
    )
  }
})

test('scanJson() refuses a name that is there twice, also escaped and among many', () => {
  assert.equal(codeOf('{"a":1,"a":2}'), 'JsonDuplicateName')
  assert.equal(codeOf('{"a":1,"\\u0061":2}'), 'JsonDuplicateName')
  assert.equal(codeOf('{"\\u0061":1,"a":2}'), 'JsonDuplicateName')
  assert.equal(codeOf('{"x":{"a":1,"b":{"a":2},"a":3}}'), 'JsonDuplicateName')
  assert.equal(codeOf('{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}'), undefined)
  assert.equal(codeOf('{"\\ud800":1,"\ufffd":2}'), undefined)
  const many = Array.from({ length: 5_000 }, (_, index) => `"n${index}":0`)
  assert.equal(codeOf(`{${many.join()}}`), undefined)
  assert.equal(codeOf(`{${many.join()},"n4":0}`), 'JsonDuplicateName')
})

test('scanJson() bounds the depth, and counts levels rather than brackets', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  assert.equal(codeOf(nested(jsonDepthMax)), undefined)
  assert.equal(codeOf(nested(jsonDepthMax + 1)), 'JsonTooDeep')
  assert.equal(codeOf('['.repeat(1_000_000)), 'JsonTooDeep')
  assert.equal(codeOf(`[${'[],'.repeat(jsonDepthMax * 2)}0]`), undefined)
})

test('scanJson() bounds what it keeps, not what it checks', () => {
  const wide = `[${'0,'.repeat(jsonValuesMax)}0]`
  assert.equal(codeOf(wide), 'JsonTooWide')
  assert.equal(scanJson(Buffer.from(wide), 0).kind, 'array')
})

test('scanJson() agrees with JSON.parse() on any JSON, spaced and escaped in any way', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), fc.integer({ min: 0, max: 3 }), (text, indent) => {
      const spaced = JSON.stringify(JSON.parse(text), undefined, indent)
      assert.equal(codeOf(spaced), undefined)
      assert.deepEqual(scanJson(Buffer.from(spaced), 0).toJs(), JSON.parse(spaced))
    }),
  )
})

test('scanJson() agrees with JSON.parse() on damaged JSON, but for names that are there twice', () => {
  const edits = fc.array(
    fc.record({
      at: fc.nat(),
      remove: fc.nat(2),
      insert: fc.constantFrom(...'{}[]",:\\u0123e-+. tfn\n'),
    }),
    { minLength: 1, maxLength: 3 },
  )
  fc.assert(
    fc.property(fc.json({ maxDepth: 3 }), edits, (text, changes) => {
      let damaged = text
      for (const { at, remove, insert } of changes) {
        const place = at % (damaged.length + 1)
        damaged = damaged.slice(0, place) + insert + damaged.slice(place + remove)
      }
      if (!damaged.isWellFormed()) return
      const code = codeOf(damaged)
      if (code !== 'JsonDuplicateName') assert.equal(code === undefined, parses(damaged), damaged)
    }),
    { numRuns: 2_000 },
  )
})

test('scanJson() agrees with JSON.parse() on bytes of any kind', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 24 }), (bytes) => {
      const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
      let isJson = true
      try {
        JSON.parse(decoder.decode(bytes))
      } catch {
        isJson = false
      }
      const code = codeOf(Buffer.from(bytes))
      if (code !== 'JsonDuplicateName') assert.equal(code === undefined, isJson)
    }),
    { numRuns: 1_000 },
  )
})

test('scanJson() keeps values down to the depth that was asked for', () => {
  const text = Buffer.from('{"a":{"b":{"c":1}},"d":[{"e":2}]}')
  assert.deepEqual(scanJson(text, 0).children, [])
  const one = scanJson(text, 1)
  assert.deepEqual(
    one.children.map((child) => [child.key, child.kind, child.children.length]),
    [
      ['a', 'object', 0],
      ['d', 'array', 0],
    ],
  )
  assert.equal(scanJson(text, 3).get('a')?.get('b')?.get('c')?.bytes.toString(), '1')
})

test('scanJsonObject() takes objects only', () => {
  assert.equal(scanJsonObject(Buffer.from(' {} '), 1).kind, 'object')
  for (const text of ['[1]', '5', 'null', '"{}"']) {
    assert.throws(() => scanJsonObject(Buffer.from(text), 1), { code: 'JsonNotAnObject' })
  }
})

/** Everything that a scan found, or why it found nothing. */
function found(scan: () => JsonValue): unknown {
  const shape = ({ kind, start, end, keyStart, keyEnd, children }: JsonValue): unknown => [
    ...[kind, start, end, keyStart, keyEnd],
    children.map(shape),
  ]
  try {
    return shape(scan())
  } catch (error) {
    return String(error)
  }
}

function inSteps(text: Buffer, depth: number): JsonValue {
  const steps = scanJsonInSteps(text, depth)
  let step = steps.next()
  while (!step.done) step = steps.next()
  return step.value
}

test('scanJsonInSteps() finds what scanJson() finds, and refuses what it refuses', () => {
  const texts = [
    ...[
      '{"a":[1,[2],{"b":3}],"c":[]}',
      ' { "a" : [ ] } ',
      '{}',
      '[[1]]',
      '7',
      '{"a":[1,2',
      '{"a":[1 2]}',
    ],
    ...[
      '{"a":[1],}',
      '{"a":[1],"a":[2]}',
      '{"a":[1]}x',
      '{"a"[1]}',
      '{"a":1]',
      '{"a":[{"b":1,"b":2}]}',
    ],
    ...['{"a":[tru]}', '{"a":[1}', '{"a":"x","b":[{"c":[{"d":[0]}]}]}', '{"a":[1]', '{a:[1]}'],
  ]
  for (const text of texts)
    for (const depth of [0, 1, 2, 3, 9]) {
      const bytes = Buffer.from(text)
      const expected = found(() => scanJson(bytes, depth))
      assert.deepEqual(
        found(() => inSteps(bytes, depth)),
        expected,
        `${text} ${depth}`,
      )
    }
  const cut = fc.tuple(fc.json(), fc.nat(40), fc.integer({ min: 0, max: 4 }))
  fc.assert(
    fc.property(cut, ([json, end, depth]) => {
      const whole = `{"Commands":[${json},${json}],"x":${json}}`
      for (const text of [whole, whole.slice(0, -end)]) {
        const bytes = Buffer.from(text)
        const expected = found(() => scanJson(bytes, depth))
        assert.deepEqual(
          found(() => inSteps(bytes, depth)),
          expected,
        )
      }
    }),
  )
})

test('scanJsonInSteps() steps wherever the text is long', () => {
  const long = 'x'.repeat(5 * sliceBytes)
  for (const text of [
    `"${long}"`,
    `{"${'n'.repeat(1_000)}":"${long}"}`,
    `[${'0,'.repeat(3 * sliceBytes)}0]`,
    `{"a"${' '.repeat(5 * sliceBytes)}:1}`,
    `${' '.repeat(5 * sliceBytes)}1${' '.repeat(5 * sliceBytes)}`,
    `[${'"\\u00e9",'.repeat(sliceBytes)}0]`,
  ]) {
    const steps = [...scanJsonInSteps(Buffer.from(text), 0)]
    assert.ok(steps.length >= 5, text.slice(0, 20))
    assert.ok(Math.max(...steps) <= sliceBytes)
  }
})

test('scanJsonInSteps() refuses the same texts wherever a slice ends', () => {
  for (const part of [
    '"\\u00e9"',
    '"\\"x"',
    '"ä"',
    '12.5e-3',
    '{"a":[]}',
    'true',
    '"\\x"',
    '"a',
    'nul',
  ]) {
    for (let before = sliceBytes - 10; before < sliceBytes + 2; before += 1) {
      const text = `[${' '.repeat(before)}${part}]`
      assert.equal(codeOf(text) === undefined, parses(text), `${before} ${part}`)
    }
  }
})

test('scanJson() bounds names and numbers, each of which is looked at in one go', () => {
  const name = 'n'.repeat(jsonNameBytesMax)
  assert.equal(codeOf(`{"${name}":1}`), undefined)
  assert.throws(() => scanJson(Buffer.from(`{"${name}nn":1}`), 0), { code: 'JsonNameTooLong' })
  const number = '1'.repeat(jsonNumberBytesMax)
  assert.equal(codeOf(number), undefined)
  for (const long of [`${number}1`, `0.${number}`, `1e${number}`])
    assert.throws(() => scanJson(Buffer.from(long), 0), { code: 'JsonNumberTooLong' })
})

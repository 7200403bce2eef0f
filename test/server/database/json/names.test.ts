import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Names } from '#server/database/json/names.ts'
import { jsonNamesMax } from '#server/limits.ts'

/** Adds names one after the other to an object that stands inside another. */
function add(names: readonly string[], inner: readonly string[] = []): void {
  const text = Buffer.from([...names, ...inner].map((name) => `"${name}"`).join(''))
  const book = new Names(text)
  let at = 0
  const put = (object: ReturnType<Names['begin']>, name: string) => {
    const bytes = Buffer.byteLength(name)
    book.add(object, at + 1, at + 1 + bytes, name.includes('\\'))
    at += bytes + 2
  }
  const outer = book.begin()
  for (const name of names) put(outer, name)
  const nested = book.begin()
  for (const name of inner) put(nested, name)
  book.end(nested)
  book.end(outer)
}

test('Names lets the same name stand in two objects', () => {
  add(['a', 'b'], ['a', 'b'])
})

test('Names finds a name again, whichever way it compares', () => {
  for (const count of [1, 23, 24, 25, 100]) {
    const names = Array.from({ length: count }, (_, index) => `name${index}`)
    add(names)
    assert.throws(() => add([...names, 'name0']), { code: 'JsonDuplicateName' }, String(count))
    assert.throws(() => add([...names, '\\u006eame0']), { code: 'JsonDuplicateName' })
    assert.throws(() => add(names, ['x', '\\u0078']), { code: 'JsonDuplicateName' })
  }
})

test('Names compares long names too', () => {
  const long = 'n'.repeat(300)
  add([`${long}a`, `${long}b`])
  assert.throws(() => add([`${long}a`, `${long}b`, `${long}a`]), { code: 'JsonDuplicateName' })
})

test('Names bounds the names of wide objects that are open at once', () => {
  const text = Buffer.from(
    Array.from({ length: jsonNamesMax + 1 }, (_, index) => (1e7 + index).toString()).join(''),
  )
  const book = new Names(text)
  const fill = (count: number) => {
    const object = book.begin()
    for (let at = 0; at < count; at++) book.add(object, at * 8, at * 8 + 8, false)
    return object
  }
  const half = fill(jsonNamesMax / 2)
  book.end(fill(jsonNamesMax / 2))
  book.end(fill(jsonNamesMax / 2))
  assert.throws(() => fill(jsonNamesMax / 2 + 1), { code: 'JsonTooWide' })
  book.end(half)
})

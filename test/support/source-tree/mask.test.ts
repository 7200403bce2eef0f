import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mask } from '#test/support/source-tree/mask.ts'

const cases: readonly [what: string, text: string, code: string, bare: string][] = [
  ['a comment to the end of the line', 'a // b\nc', 'a     \nc', 'a     \nc'],
  ['a comment over lines', 'a /* b\n */ c', 'a     \n    c', 'a     \n    c'],
  [
    'quotes, also with quotes inside',
    `a('it\\'s // "b"')`,
    `a('it\\'s // "b"')`,
    'a(              )',
  ],
  [
    'a template, but not what it computes',
    '`a ${b.c} d`',
    '`a ${b.c} d`',
    '     b.c   '.padEnd(12),
  ],
  [
    'a regular expression with quotes and slashes',
    String.raw`x = /['"/\/]/g.y`,
    String.raw`x = /['"/\/]/g.y`,
    'x =           .y',
  ],
  ['not a division', 'a / b / c // d', 'a / b / c     ', 'a / b / c     '],
  [
    'an address in quotes is no comment',
    "f('https://a') // b",
    "f('https://a')     ",
    'f(           )     ',
  ],
]

for (const [what, text, code, bare] of cases) {
  test(`mask() hides ${what}`, () => {
    assert.deepEqual(mask(text), { code, bare })
  })
}

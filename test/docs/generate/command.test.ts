import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Type } from 'typebox'
import { commandPage } from '#docs/generate/command.ts'

const shape = Type.Object({
  kind: Type.Literal('Report'),
  rows: Type.Array(
    Type.Object({
      at: Type.Optional(Type.String({ format: 'date-time', description: 'When | if.' })),
      part: Type.Optional(Type.Object({ isThere: Type.Boolean() })),
    }),
  ),
})

test('commandPage() shows each help text, and every field of the report with its type', () => {
  const page = commandPage(
    { status: 'Usage: status\n', other: 'Usage: other\n' },
    { status: shape },
  )
  assert.match(page, /## status\n\n```console\nUsage: status\n```\n\n## other\n/)
  assert.deepEqual(page.trimEnd().split('\n').slice(-5), [
    '| `kind` | `Report` |  |',
    '| `rows` | list of object |  |',
    '| `rows[].at?` | time | When \\| if. |',
    '| `rows[].part?` | object |  |',
    '| `rows[].part?.isThere` | boolean |  |',
  ])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configurationPage } from '#docs/generate/configuration.ts'
import type { SettingSchema } from '#server/config-schema.ts'

const plain = {
  words: undefined,
  minimum: undefined,
  maximum: undefined,
  default: undefined,
  description: 'What it does.',
}
const settings: readonly SettingSchema[] = [
  { ...plain, key: 'DataDir', type: 'string', group: 'Storage', default: './data' },
  { ...plain, key: 'Logs.MinLevel', type: 'string', group: 'Logs', words: ['Info', 'Off'] },
  {
    ...plain,
    key: 'RunInMemory',
    type: 'boolean',
    group: 'Storage',
    default: false,
    description: 'a|b',
  },
  {
    ...plain,
    key: 'Security.MasterKey.Exec.TimeoutInSec',
    type: 'integer',
    group: 'Storage',
    minimum: 1,
  },
]

test('configurationPage() lists settings by group, with values and defaults', () => {
  const page = configurationPage({ settings, withoutMeaning: ['Old', 'Logs.'], notBuilt: ['New.'] })
  const expected = [
    '## Storage',
    '',
    '| key | values | default | |',
    '| --- | --- | --- | --- |',
    '| `DataDir` | text | `./data` | What it does. |',
    '| `RunInMemory` | `true`, `false` | `false` | a\\|b |',
    '| `Security.MasterKey.Exec.TimeoutInSec` | integer from 1 |  | What it does. |',
    '',
    '## Logs',
    '',
    '| key | values | default | |',
    '| --- | --- | --- | --- |',
    '| `Logs.MinLevel` | `Info`, `Off` |  | What it does. |',
  ]
  assert.ok(page.includes(expected.join('\n')))
  assert.ok(page.includes('\n`Logs.…`, `Old`\n'))
  assert.ok(page.endsWith('\n`New.…`\n'))
})

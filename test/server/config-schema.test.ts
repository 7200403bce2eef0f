import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settings, settingsNotBuilt, settingsWithoutMeaning } from '#server/config-schema.ts'

test('settings say in a sentence what they are, and each has its group', () => {
  for (const { key, description, group } of settings) {
    assert.match(description, /^[A-Z].*\.$/s, key)
    assert.notEqual(group, '', key)
  }
})

test('settings never appear among those that have no meaning or are not built', () => {
  const others = new Set([...settingsNotBuilt, ...settingsWithoutMeaning])
  for (const { key } of settings) assert.equal(others.has(key), false, key)
})

test('settings have defaults of their own type', () => {
  for (const setting of settings) {
    if (setting.default === undefined) continue
    const type = setting.type === 'integer' ? 'number' : setting.type
    assert.equal(typeof setting.default, type, setting.key)
    if (setting.words !== undefined) assert(setting.words.includes(String(setting.default)))
  }
})

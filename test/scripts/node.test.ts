import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findNode, majorOf } from '#scripts/node.mjs'

const versions: Readonly<Record<string, string>> = {
  installed: 'v24.21.0',
  mine: 'v26.0.1',
  old: 'v20.20.2',
}
const versionOf = (node: string): string | undefined => versions[node]

test('findNode() takes the first that is new enough', () => {
  assert.equal(findNode({ candidates: ['installed', 'mine'], versionOf }), 'installed')
  assert.equal(findNode({ candidates: ['absent', 'mine'], versionOf }), 'mine')
  assert.equal(findNode({ candidates: ['old', 'mine'], versionOf }), 'mine')
})

test('findNode() says what was found and what to do where none is', () => {
  assert.throws(() => findNode({ candidates: ['absent', 'old'], versionOf }), {
    message:
      'Cannot run: Node 24 or later is needed, and absent is not there, old is v20.20.2. Install one and put it first in PATH',
  })
})

test('majorOf() reads what Node prints, and nothing else', () => {
  assert.equal(majorOf('v24.21.0'), 24)
  assert.equal(majorOf('garbage'), 0)
})

/** Two servers on one folder: the older stops with its coded error, and nothing of the newer is overwritten. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contest } from '#test/support/contested-folder.ts'
import { temporaryFolder } from '#test/support/file-tree.ts'

test('the older of two servers on one folder stops with DataDirectoryTaken, and loses and breaks nothing', async () => {
  using folder = temporaryFolder('two-owners')
  await contest({
    start: { folder: folder.path },
    look: ({ child }) => {
      assert.notEqual(child.exitCode, 0, 'it must not look like a wanted stop')
      assert.notEqual(child.exitCode, null, `it was killed by ${child.signalCode}`)
    },
    end: async (newer) => assert.equal(await newer.stop(), 0),
  })
})

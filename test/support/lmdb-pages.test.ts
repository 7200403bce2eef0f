import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { open } from 'lmdb'
import { temporaryFolder } from './file-tree.ts'
import { lmdbPageBytes, lmdbPages } from './lmdb-pages.ts'

test('lmdbPages() finds metas, branches, leaves and the values beside them in a real file', async () => {
  using folder = temporaryFolder('lmdb-pages')
  const environment = open({
    path: path.join(folder.path, 'data.mdb'),
    pageSize: lmdbPageBytes,
    encoding: 'binary',
  })
  for (let key = 0; key < 400; key++)
    void environment.put(key, Buffer.alloc(lmdbPageBytes - 24, key))
  await environment.flushed
  await environment.close()

  const file = readFileSync(path.join(folder.path, 'data.mdb'))
  const pages = lmdbPages(file)
  const count = (kind: string): number => pages.filter((page) => page.kind === kind).length
  assert.equal(count('meta'), 2)
  assert.ok(count('branch') >= 1 && count('leaf') >= 2, 'a tree of two levels')
  assert.equal(count('overflow'), 400)
  for (const { used } of pages)
    for (const { from, to } of used) assert.ok(from < to && to <= file.length)
})

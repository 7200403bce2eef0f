import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { issuedPath, orderFolder } from '#server/acme/order-folder.ts'

test('orderFolder() lies in the data folder, and holds what issuedPath() names', () => {
  const folder = orderFolder('/srv/strongroom')
  assert.equal(issuedPath(folder), join('/srv/strongroom', 'acme', 'server.pem'))
})

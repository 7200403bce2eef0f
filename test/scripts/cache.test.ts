import assert from 'node:assert/strict'
import { homedir, tmpdir } from 'node:os'
import { test } from 'node:test'
import { cacheFolder, checkoutName, clustersFolder } from '#scripts/cache.mjs'

test('cacheFolder() follows XDG_CACHE_HOME where it is absolute, as the convention says', () => {
  assert.equal(cacheFolder('locks', { XDG_CACHE_HOME: '/c' }), '/c/strongroom/locks')
  for (const environment of [{}, { XDG_CACHE_HOME: '' }, { XDG_CACHE_HOME: 'relative' }]) {
    assert.equal(cacheFolder('locks', environment), `${homedir()}/.cache/strongroom/locks`)
  }
})

test('checkoutName() tells two checkouts of the same folder name apart', () => {
  assert.notEqual(checkoutName('/a/strongroom'), checkoutName('/b/strongroom'))
  assert.match(checkoutName('/a/strongroom'), /^strongroom-[0-9a-f]{12}$/)
})

test('clustersFolder() lies where nothing outlives the machine', () => {
  assert.equal(clustersFolder(), `${tmpdir()}/strongroom-clusters`)
})

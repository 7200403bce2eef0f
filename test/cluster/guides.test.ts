/** The guides on a cluster of their own: they begin with nothing on it, as their readers do. */
import { after, before, describe } from 'node:test'
import { bringUpPlace, type Place } from './suite.ts'
import { guidesSuite } from './suites/guides.ts'

describe('on a cluster with nothing on it', () => {
  let own: Place
  before(async () => {
    own = await bringUpPlace({ nodes: 1 })
  })
  after(() => own?.[Symbol.asyncDispose]())
  guidesSuite(() => own)
})

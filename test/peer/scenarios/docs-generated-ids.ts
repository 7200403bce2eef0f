/** Ids made by the server: identities and HiLo. */
import type { Step } from '#test/peer/scenario.types.ts'
import { documentStepList } from './step-list.ts'

export function generatedIdSteps(): Step[] {
  const { add, get, put, steps } = documentStepList()
  // id generation and identities
  put('put id ending in slash', 'orders%2F', { A: 1 })
  put('put id ending in bar', 'orders%7C', { A: 1 })
  put('put id ending in bar again', 'orders%7C', { A: 1 })
  add('identity next', 'POST', 'identity/next?name=users%7C')
  add('identity next again', 'POST', 'identity/next?name=users%7C')
  add('identity next without bar', 'POST', 'identity/next?name=users')
  add('identity next, no name', 'POST', 'identity/next')
  add('identity seed', 'POST', 'identity/seed?name=users%7C&value=100')
  add('identity seed lower', 'POST', 'identity/seed?name=users%7C&value=5')
  add('identity seed forced', 'POST', 'identity/seed?name=users%7C&value=5&force=true')
  add('identities', 'GET', 'debug/identities')
  // hilo
  add(
    'hilo next',
    'GET',
    'hilo/next?tag=users&lastBatchSize=0&lastRangeAt=0001-01-01T00:00:00.0000000&identityPartsSeparator=/&lastMax=0',
  )
  add(
    'hilo next again',
    'GET',
    'hilo/next?tag=users&lastBatchSize=32&lastRangeAt=0001-01-01T00:00:00.0000000&identityPartsSeparator=/&lastMax=32',
  )
  add('hilo next no tag', 'GET', 'hilo/next')
  add('hilo next only tag', 'GET', 'hilo/next?tag=dogs')
  add(
    'hilo next separator',
    'GET',
    'hilo/next?tag=cats&identityPartsSeparator=-&lastBatchSize=0&lastMax=0',
  )
  add('hilo return', 'PUT', 'hilo/return?tag=users&end=64&last=40')
  add('hilo return not the end', 'PUT', 'hilo/return?tag=users&end=32&last=5')
  add(
    'hilo next after return',
    'GET',
    'hilo/next?tag=users&lastBatchSize=32&identityPartsSeparator=/&lastMax=64',
  )
  add('hilo return unknown tag', 'PUT', 'hilo/return?tag=nosuch&end=64&last=40')
  get('hilo document', 'id=Raven%2FHilo%2Fusers')

  return steps
}

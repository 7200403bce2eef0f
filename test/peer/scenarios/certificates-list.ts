/** Listing certificates. */
import type { Step } from '#test/peer/scenario.types.ts'
import { certificatesRoute as A, certificateSteps } from './certificate-steps.ts'
import type { More } from './step-list.ts'

export function listSteps(): Step[] {
  const { add, one, steps } = certificateSteps()
  const list = (name: string, query: string, more: More = {}) =>
    add(name, 'GET', `${A}?${query}`, { shape: true, count: 'Results', ...more })
  list('list all', 'start=0&pageSize=1000')
  list('list without paging', '')
  list('list two', 'start=0&pageSize=2')
  list('list beyond the end', 'start=5000&pageSize=10')
  list('list page size 0', 'start=0&pageSize=0')
  list('list metadataOnly', 'metadataOnly=true&start=0&pageSize=3')
  list('list secondary', 'secondary=true&start=0&pageSize=3')
  list('list by name', 'name=lab-g9&start=0&pageSize=1000')
  list('list bad paging', 'start=x&pageSize=y')
  list('list by operator', 'start=0&pageSize=1000', { as: 'operator' })
  list('list by user', 'start=0&pageSize=1000', { as: 'userAdmin' })
  one('unknown thumbprint', 'AABBCC')
  one('server record', '{serverThumb}')
  one('one with metadataOnly', '{g1Thumb}&metadataOnly=true')

  return steps
}

/** A query that waits until its index is up to date. */
import type { More, StepList } from './step-list.ts'

type Query = (name: string, text: string, parameters?: object, more?: More) => void

export function query(add: StepList['add']): Query {
  return (name, text, parameters = {}, more = {}) => {
    const body = {
      Query: text,
      QueryParameters: parameters,
      WaitForNonStaleResults: true,
      WaitForNonStaleResultsTimeout: '00:00:10',
    }
    add(name, 'POST', 'queries', { body, ...more })
  }
}

/** Steps of one scenario, appended in order. */
import type { RequestStep, Step } from '#test/peer/scenario.types.ts'

/** Everything of a step but what the call itself says. */
export type More = Partial<Omit<RequestStep, 'name' | 'method' | 'path'>>

export interface StepList {
  readonly steps: Step[]
  /** Appends a request; a path without a leading slash continues the prefix. */
  add(name: string, method: string, path: string, more?: More): void
}

/** @param prefix what a path without leading slash continues, e.g. `/databases/docs1/` */
export function stepList(prefix = '/'): StepList {
  const steps: Step[] = []
  return {
    steps,
    add: (name, method, path, more = {}) => {
      steps.push({ name, method, path: path.startsWith('/') ? path : prefix + path, ...more })
    },
  }
}

export interface DocumentStepList extends StepList {
  /** Stores a document under an id as it stands in the address. */
  put(name: string, id: string, body: object | string, more?: More): void
  /** Reads documents by a query string. */
  get(name: string, query: string, more?: More): void
}

/** Steps on the documents of database `docs1`. */
export function documentStepList(): DocumentStepList {
  const list = stepList('/databases/docs1/')
  return {
    ...list,
    put: (name, id, body, more = {}) => list.add(name, 'PUT', `docs?id=${id}`, { body, ...more }),
    get: (name, query, more = {}) => list.add(name, 'GET', `docs?${query}`, more),
  }
}

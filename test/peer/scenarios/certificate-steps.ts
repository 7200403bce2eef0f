/** Calls of the certificate routes, appended to a list of steps. */
import type { Body, RequestStep } from '#test/peer/scenario.types.ts'
import { type More, type StepList, stepList } from './step-list.ts'

type BodyOf = NonNullable<RequestStep['body']>

export const certificatesRoute = '/admin/certificates'

export interface CertificateSteps extends StepList {
  /** Generates a certificate. */
  post(name: string, body: Body, more?: More): void
  /** Registers one. */
  put(name: string, body: BodyOf, more?: More): void
  /** Reads one record. */
  one(name: string, thumbprint: string, more?: More): void
  del(name: string, thumbprint: string, more?: More): void
  edit(name: string, body: Body, more?: More): void
  /** Any GET as somebody. */
  get(identity: string, name: string, path: string, more?: More): void
}

export function certificateSteps(): CertificateSteps {
  const list = stepList()
  const { add } = list
  const route = certificatesRoute
  return {
    ...list,
    post: (name, body, more) => add(name, 'POST', route, { body, ...more }),
    put: (name, body, more) => add(name, 'PUT', route, { body, ...more }),
    one: (name, thumbprint, more) => add(name, 'GET', `${route}?thumbprint=${thumbprint}`, more),
    del: (name, thumbprint, more) => add(name, 'DELETE', `${route}?thumbprint=${thumbprint}`, more),
    edit: (name, body, more) => add(name, 'POST', `${route}/edit`, { body, ...more }),
    get: (identity, name, path, more) => add(name, 'GET', path, { as: identity, ...more }),
  }
}

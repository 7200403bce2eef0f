/** Export, replacement of the server certificate, and the odd routes. */
import type { Step } from '#test/peer/scenario.types.ts'
import { certificatesRoute as A, certificateSteps } from './certificate-steps.ts'

export function otherSteps(): Step[] {
  const { add, get, steps } = certificateSteps()
  for (const as of ['server', 'clusterAdmin', 'operator', 'userAdmin'])
    get(as, `export as ${as}`, `${A}/export`)
  const rep = (name: string, body: object, as = 'clusterAdmin') =>
    add(name, 'POST', `${A}/replace-cluster-cert`, { as, body })
  rep('replace, garbage certificate', { Name: 'lab-r', Certificate: 'AAAA' })
  rep('replace, certificate missing', { Name: 'lab-r' })
  rep('replace, name missing', { Certificate: 'AAAA' })
  rep('replace, not base64', { Name: 'lab-r', Certificate: '%%%' })
  rep('replace, as operator', { Name: 'lab-r', Certificate: 'AAAA' }, 'operator')
  for (const [method, path] of [
    ['GET', 'mode'],
    ['GET', 'cluster-domains'],
    ['GET', 'replacement/status'],
    ['POST', 'replacement/reset'],
    ['POST', 'refresh'],
    ['POST', 'letsencrypt/force-renew'],
    ['GET', 'local-state'],
  ] as const)
    for (const as of ['clusterAdmin', 'operator', 'userAdmin'])
      add(`${method} ${path} as ${as}`, method, `${A}/${path}`, { as })

  return steps
}

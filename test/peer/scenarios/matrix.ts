/**
 * Who is refused (403) on which route. The routes are those of the server's own list when it is recorded, and those of
 * the record when it is compared. Any answer but 403 counts as allowed; rights inside a handler are other scenarios.
 */
import type { MatrixRequest, Scenario } from '#test/peer/scenario.types.ts'

/** Requests that need a query or a body, to be complete enough and to do no harm. */
const complete: Readonly<Record<string, readonly [query: string, body?: string]>> = {
  'DELETE /databases/*/studio/collections/docs': ['?name=NoSuchCollection', '{"ExcludeIds":[]}'],
  'GET /databases/*/docs': ['?id=probe%2F1'],
  'HEAD /databases/*/docs': ['?id=probe%2F1'],
  'GET /topology': ['?name=alpha'],
  'GET /databases': ['?namesOnly=true'],
  'GET /admin/databases': ['?name=alpha'],
  'GET /databases/*/hilo/next': ['?tag=matrix'],
  'PUT /databases/*/docs': ['?id=probe%2F3', '{}'],
  'POST /databases/*/bulk_docs': ['', '{"Commands":[]}'],
  'POST /databases/*/queries': ['', '{"Query":"from Probes"}'],
  'GET /databases/*/queries': ['?query=from%20Probes'],
  'GET /studio-tasks/is-valid-name': ['?type=Database&name=a'],
  'GET /admin/certificates': ['?start=0&pageSize=1'],
  'GET /periodic-backup/status': ['?name=alpha&taskId=1'],
  'GET /debug/is-loaded': ['?name=alpha'],
  'GET /test/delay': ['?value=1'],
  'GET /test/sized-message': ['?size=10'],
  'POST /databases/*/multi_get': ['', '{"Requests":[]}'],
  'GET /periodic-backup': ['?name=alpha'],
  'POST /admin/replication/conflicts/solver': ['?name=alpha', '{"ResolveToLatest":true}'],
  'GET /studio/$': [''],
}
/** Left out: they write gigabytes, or call the vendor's servers. */
const unwanted = /\/debug\/(gc)?dump$|\/license\/(renew|free)|\/assistant\/|\/license-server\//
/** Asked last: they change the server under the other requests. */
const last =
  /^(POST|PUT|DELETE) (\/admin\/cluster|\/databases\/\*\/admin\/indexes\/start|\/databases\/\*\/admin\/.*restart)|\/admin\/license\/forceUpdate|\/build\/version\/updates/

function requests(routes: readonly string[]): MatrixRequest[] {
  const wanted = routes.filter((route) => !unwanted.test(route))
  const inOrder = [
    ...wanted.filter((route) => !last.test(route)),
    ...wanted.filter((route) => last.test(route)),
  ]
  return inOrder.map((route) => {
    const [method = '', pattern = ''] = route.split(' ')
    const [query, body] = complete[route] ?? ['']
    const path = pattern.replace('*', 'alpha').replace('$', 'x') + query
    return { route, method, path, ...(body === undefined ? {} : { body }) }
  })
}

export function matrix(): Scenario {
  const identities = [
    ...['none', 'unknown', 'userOther', 'userReadWrite'],
    ...['userAdmin', 'operator', 'clusterAdmin'],
  ]
  return { about: 'who is refused on which route', matrix: { identities, requests } }
}

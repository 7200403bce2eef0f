/** Pages for people name routes of the server that exist, and that are built. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describedRoutes } from '#docs/generate/described-routes.ts'
import { filePaths, readText } from './support/source-tree/source-tree.ts'

const built = describedRoutes().map(({ path }) => path.split('/').slice(1))
const areas = new Set(built.map(([area = '']) => area))
const pages = filePaths().filter((file) => file.endsWith('.md') && !file.startsWith('test/'))

/** Paths in backquotes, with or without a method, that begin as one of our routes does. */
function routesIn(text: string): string[] {
  return [...text.matchAll(/`(?:[A-Z]+ )?(\/[\w/{}<>:.-]+)/g)]
    .map(([, path = '']) => path.replace(/\/$/, ''))
    .filter((path) => areas.has(path.split('/')[1] ?? ''))
}

/** A part in braces or angle brackets, or where the route has a name, stands for anything. */
function isBuilt(path: string): boolean {
  const parts = path.split('/').slice(1)
  return built.some(
    (route) =>
      route.length >= parts.length &&
      parts.every((part, at) => {
        const own = route[at] ?? ''
        return own === part || own.startsWith(':') || /^[{<:]/.test(part)
      }),
  )
}

for (const page of pages) {
  const routes = routesIn(readText(page))
  if (routes.length === 0) continue
  test(`${page} names routes that are built`, () => {
    assert.deepEqual(
      routes.filter((path) => !isBuilt(path)),
      [],
    )
  })
}

test('the routes of a page are found, and one that is not built is seen', () => {
  const text = 'Ask `GET /admin/metrics` or `/databases/{database}/docs?id=a`, never `/etc/passwd`.'
  const routes = routesIn(text)
  assert.deepEqual(routes, ['/admin/metrics', '/databases/{database}/docs'])
  assert.deepEqual(routes.map(isBuilt), [false, true])
})

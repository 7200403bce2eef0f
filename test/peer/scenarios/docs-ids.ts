/** Ids of every kind, and HEAD. */
import type { Step } from '#test/peer/scenario.types.ts'
import { documentStepList } from './step-list.ts'

export function idSteps(): Step[] {
  const { add, get, put, steps } = documentStepList()
  for (const id of [
    'a%20b',
    'ü',
    encodeURIComponent('ü/é'),
    encodeURIComponent('日本'),
    'x%2By',
    'x+y',
    'q%3Fq',
    'h%23h',
    'a%26b',
    'per%25cent',
    "o'k",
    'back%5Cslash',
    'new%0Aline',
    'x'.repeat(512),
    'x'.repeat(513),
    '%F0%9F%98%80',
    'trail%2F',
    'pipe%7C',
    'plus%7Cx',
    '',
    '%20',
    'a%00b',
    'docs%2F%24%7Bx%7D',
  ]) {
    if (!/^[\x20-\x7e]*$/.test(id)) continue
    const label = id.length > 100 ? `${id.length} x` : id
    put(`put id <${label}>`, id, { V: 1 })
    get(`get id <${label}>`, `id=${id}`)
  }
  add('head', 'HEAD', 'docs?id=users%2F1')
  add('head missing', 'HEAD', 'docs?id=users%2F9')
  add('head If-None-Match', 'HEAD', 'docs?id=users%2F1', { headers: { 'if-none-match': '{etag}' } })
  add('head two ids', 'HEAD', 'docs?id=users%2F1&id=users%2F2')
  add('head no id', 'HEAD', 'docs')

  return steps
}

/** Optimistic concurrency and bad bodies. */
import type { Step } from '#test/peer/scenario.types.ts'
import { documentStepList } from './step-list.ts'

export function writeSteps(): Step[] {
  const { add, get, put, steps } = documentStepList()
  // optimistic concurrency
  put(
    'put If-Match right',
    'users%2F1',
    { Name: 'A3', '@metadata': { '@collection': 'Users' } },
    { headers: { 'if-match': '"{cv2}"' }, capture: { cv3: 'body.ChangeVector' } },
  )
  put('put If-Match wrong', 'users%2F1', { Name: 'A4' }, { headers: { 'if-match': '"{cv2}"' } })
  put(
    'put If-Match wrong, unquoted',
    'users%2F1',
    { Name: 'A4' },
    { headers: { 'if-match': '{cv2}' } },
  )
  put(
    'put If-Match on missing',
    'users%2F77',
    { Name: 'A4' },
    { headers: { 'if-match': '"{cv2}"' } },
  )
  put(
    'put If-Match empty on existing',
    'users%2F1',
    { Name: 'A4' },
    { headers: { 'if-match': '""' } },
  )
  put(
    'put If-Match empty on missing',
    'users%2F78',
    { Name: 'A4' },
    { headers: { 'if-match': '""' } },
  )
  put(
    'put If-Match not a change vector',
    'users%2F1',
    { Name: 'A4' },
    { headers: { 'if-match': 'garbage' } },
  )
  put('put changing the collection', 'users%2F2', { '@metadata': { '@collection': 'Others' } })
  add('delete If-Match wrong', 'DELETE', 'docs?id=users%2F1', {
    headers: { 'if-match': '"{cv2}"' },
  })
  add('delete If-Match right', 'DELETE', 'docs?id=users%2F1', {
    headers: { 'if-match': '"{cv3}"' },
  })
  add('delete missing', 'DELETE', 'docs?id=users%2F1')
  add('delete missing If-Match', 'DELETE', 'docs?id=users%2F1', {
    headers: { 'if-match': '"{cv3}"' },
  })
  add('delete no id', 'DELETE', 'docs')
  add('delete empty id', 'DELETE', 'docs?id=')
  // bad bodies
  put('put bad JSON', 'bad', '{"a":')
  put('put empty body', 'bad', '')
  put('put array', 'bad', '[1]')
  put('put number', 'bad', '5')
  put('put null', 'bad', 'null')
  put('put trailing garbage', 'bad', '{"a":1} x')
  put('put duplicate keys', 'dup', '{"a":1,"a":2}')
  get('get duplicate keys', 'id=dup')
  put('put metadata not an object', 'bad', { '@metadata': 5 })
  put('put collection not text', 'bad', { '@metadata': { '@collection': 5 } })
  put('put reserved root key', 'bad', { '@foo': 1 })
  put(
    'put long number',
    'num',
    '{"a":12345678901234567890,"b":1.10,"c":1e400,"d":-0,"e":9007199254740993}',
  )
  get('get long number', 'id=num')
  put('put single quotes', 'sq', "{'a':1}")
  put('put with comment', 'cm', '{/*x*/"a":1}')
  put('put unquoted key', 'uq', '{a:1}')
  add('put without id', 'PUT', 'docs', { body: { A: 1 } })

  return steps
}

/** Storing and reading documents. */
import type { Step } from '#test/peer/scenario.types.ts'
import { documentStepList } from './step-list.ts'

export function readSteps(): Step[] {
  const { add, get, put, steps } = documentStepList()
  add('create database', 'PUT', '/admin/databases?name=docs1', {
    as: 'server',
    body: { DatabaseName: 'docs1' },
    quiet: true,
  })
  put(
    'put',
    'users%2F1',
    { Name: 'Ann', Friend: 'users/2', '@metadata': { '@collection': 'Users', Custom: 'x' } },
    { capture: { cv1: 'body.ChangeVector' } },
  )
  put(
    'put again',
    'users%2F1',
    { Name: 'Anne', Friend: 'users/2', '@metadata': { '@collection': 'Users', Custom: 'x' } },
    { capture: { cv2: 'body.ChangeVector' } },
  )
  put('put second', 'users%2F2', { Name: 'Bob', '@metadata': { '@collection': 'Users' } })
  put('put without metadata', 'plain', { A: [1, 2.5, 'x', null, true, { B: {} }] })
  put('put with server metadata sent back', 'plain2', {
    '@metadata': {
      '@collection': 'Users',
      '@id': 'other',
      '@change-vector': 'A:1-aaaaaaaaaaaaaaaaaaaaaa',
      '@last-modified': '2001-01-01T00:00:00.0000000Z',
      '@flags': 'HasRevisions',
    },
  })
  get('get plain2', 'id=plain2')
  put('put with @id inside the document', 'plain3', { '@id': 'zzz', Id: 'yyy' })
  get('get plain3', 'id=plain3')
  get('get', 'id=users%2F1', { capture: { etag: 'header.etag' } })
  get('get other case', 'id=USERS%2F1')
  get('get with ?& form', '&id=users%2F1')
  get('get unescaped slash', 'id=users/1')
  get('get missing', 'id=users%2F9')
  get('get two, one missing', 'id=users%2F1&id=users%2F9')
  get('get two missing', 'id=users%2F8&id=users%2F9')
  get('get the same twice', 'id=users%2F1&id=users%2F1')
  get('get empty id', 'id=')
  get('get without id', '', { shape: true, count: 'Results' })
  get('get include', 'id=users%2F1&include=Friend')
  get('get include missing path', 'id=users%2F1&include=Nope')
  get('get include bad reference', 'id=users%2F1&include=Name')
  get('get metadataOnly', 'id=users%2F1&metadataOnly=true')
  get('get startsWith', 'startsWith=users/&start=0&pageSize=10')
  get('get startsWith page 2', 'startsWith=users/&start=1&pageSize=1')
  get('get startsWith matches', 'startsWith=users/&matches=2&start=0&pageSize=10')
  get('get startsWith exclude', 'startsWith=users/&exclude=2&start=0&pageSize=10')
  get('get startsWith startAfter', 'startsWith=users/&startAfter=users/1&start=0&pageSize=10')
  get('get startsWith metadataOnly', 'startsWith=users/&metadataOnly=true')
  get('get startsWith nothing', 'startsWith=nosuch/')
  get('get all, paged', 'start=0&pageSize=2')
  get('get If-None-Match same', 'id=users%2F1', { headers: { 'if-none-match': '{etag}' } })
  get('get If-None-Match unquoted', 'id=users%2F1', { headers: { 'if-none-match': '{cv2}' } })
  get('get If-None-Match old', 'id=users%2F1', { headers: { 'if-none-match': '"{cv1}"' } })
  get('get missing If-None-Match 404 Response', 'id=users%2F9', {
    headers: { 'if-none-match': '"404 Response"' },
  })
  add('post ids', 'POST', 'docs', { body: { Ids: ['users/1', 'users/9', 'users/2'] } })
  add('post ids empty', 'POST', 'docs', { body: { Ids: [] } })
  add('post no body', 'POST', 'docs')

  return steps
}

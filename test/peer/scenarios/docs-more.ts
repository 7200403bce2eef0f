/** Patches, revisions, attachments, compare exchange and multi-get. */
import type { Step } from '#test/peer/scenario.types.ts'
import { stepList } from './step-list.ts'

export function moreSteps(): Step[] {
  const { add, steps } = stepList('/databases/docs1/')
  // patch, size, revisions, attachments (small)
  add('patch', 'PATCH', 'docs?id=b%2F1', {
    body: { Patch: { Script: 'this.P = args.p', Values: { p: 'q' } }, PatchIfMissing: null },
  })
  add('patch nothing changed', 'PATCH', 'docs?id=b%2F1', {
    body: { Patch: { Script: 'this.P = "q"', Values: {} } },
  })
  add('patch missing', 'PATCH', 'docs?id=b%2F97', {
    body: { Patch: { Script: 'this.P = 1', Values: {} } },
  })
  add('patch bad body', 'PATCH', 'docs?id=b%2F1', { body: { Nope: 1 } })
  add('patch test', 'PATCH', 'docs?id=b%2F1&test=true&debug=true', {
    body: { Patch: { Script: 'this.T = 1; output("hi")', Values: {} } },
  })
  add('size', 'GET', 'docs/size?id=b%2F1', { shape: true })
  add('revisions none', 'GET', 'revisions?id=b%2F1')
  add('attachment put', 'PUT', 'attachments?id=b%2F1&name=f.txt&contentType=text/plain', {
    body: Buffer.from('hello'),
    headers: { 'content-type': 'application/octet-stream' },
  })
  add('attachment get', 'GET', 'attachments?id=b%2F1&name=f.txt')
  add('attachment head', 'HEAD', 'attachments?id=b%2F1&name=f.txt')
  add('attachment missing', 'GET', 'attachments?id=b%2F1&name=no')
  add('attachment delete', 'DELETE', 'attachments?id=b%2F1&name=f.txt')
  add('attachment on missing document', 'PUT', 'attachments?id=nosuch&name=f', {
    body: Buffer.from('x'),
  })
  add('cmpxchg put', 'PUT', 'cmpxchg?key=k1&index=0', { body: { Object: 5 } })
  add('cmpxchg put conflict', 'PUT', 'cmpxchg?key=k1&index=0', { body: { Object: 6 } })
  add('cmpxchg get', 'GET', 'cmpxchg?key=k1')
  add('cmpxchg missing', 'GET', 'cmpxchg?key=k2')
  add('cmpxchg list', 'GET', 'cmpxchg?startsWith=k&start=0&pageSize=5')
  add('multi_get', 'POST', 'multi_get', {
    body: {
      Requests: [
        { Url: '/docs', Query: '?id=b%2F1', Method: 'GET', Headers: {} },
        { Url: '/databases/docs1/docs', Query: '?id=b%2F404', Method: null, Headers: {} },
        { Url: '/nope', Query: '', Headers: {} },
      ],
    },
  })

  return steps
}

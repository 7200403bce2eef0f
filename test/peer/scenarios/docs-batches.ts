/** Batches. */
import type { Step } from '#test/peer/scenario.types.ts'
import { documentStepList, type More } from './step-list.ts'

export function batchSteps(): Step[] {
  const { add, get, steps } = documentStepList()
  // batches
  const batch = (name: string, body: object | string, more: More = {}) =>
    add(name, 'POST', 'bulk_docs', { body, ...more })
  batch('batch put and delete', {
    Commands: [
      {
        Type: 'PUT',
        Id: 'b/1',
        ChangeVector: null,
        Document: { N: 1, '@metadata': { '@collection': 'Bs' } },
      },
      { Type: 'PUT', Id: 'b/2', Document: { N: 2 } },
      { Type: 'DELETE', Id: 'b/2', ChangeVector: null },
      { Type: 'DELETE', Id: 'nosuch', ChangeVector: null },
    ],
  })
  batch('batch put id from server', {
    Commands: [
      { Type: 'PUT', Id: 'bs/', Document: { N: 1 } },
      { Type: 'PUT', Id: 'bs|', Document: { N: 1 } },
      { Type: 'PUT', Id: null, Document: { N: 1 } },
    ],
  })
  batch('batch put must not exist', {
    Commands: [
      { Type: 'PUT', Id: 'b/new', Document: { N: 1 } },
      { Type: 'PUT', Id: 'b/1', ChangeVector: '', Document: { N: 1 } },
    ],
  })
  get('batch is one transaction', 'id=b%2Fnew')
  batch('batch put wrong change vector', {
    Commands: [{ Type: 'PUT', Id: 'b/1', ChangeVector: '{cv1}', Document: { N: 1 } }],
  })
  batch('batch delete wrong change vector', {
    Commands: [{ Type: 'DELETE', Id: 'b/1', ChangeVector: '{cv1}' }],
  })
  batch('batch patch', {
    Commands: [
      {
        Type: 'PATCH',
        Id: 'b/1',
        ChangeVector: null,
        Patch: { Script: 'this.N += args.by', Values: { by: 5 } },
      },
    ],
  })
  batch('batch patch missing document', {
    Commands: [
      {
        Type: 'PATCH',
        Id: 'b/99',
        ChangeVector: null,
        Patch: { Script: 'this.N = 1', Values: {} },
      },
    ],
  })
  batch('batch patch missing with patchIfMissing', {
    Commands: [
      {
        Type: 'PATCH',
        Id: 'b/98',
        ChangeVector: null,
        Patch: { Script: 'this.N = 1', Values: {} },
        PatchIfMissing: { Script: 'this.N = 7', Values: {} },
      },
    ],
  })
  batch('batch patch bad script', {
    Commands: [
      { Type: 'PATCH', Id: 'b/1', ChangeVector: null, Patch: { Script: 'this.N = (', Values: {} } },
    ],
  })
  batch('batch patch throwing script', {
    Commands: [
      { Type: 'PATCH', Id: 'b/1', ChangeVector: null, Patch: { Script: 'throw "no"', Values: {} } },
    ],
  })
  batch('batch unknown type', { Commands: [{ Type: 'NOPE', Id: 'b/1' }] })
  batch('batch type missing', { Commands: [{ Id: 'b/1' }] })
  batch('batch empty', { Commands: [] })
  batch('batch no Commands', {})
  batch('batch malformed', '{"Commands":[{')
  batch('batch no body', '')
  batch('batch Commands not an array', { Commands: {} })
  batch('batch put without document', { Commands: [{ Type: 'PUT', Id: 'b/5' }] })
  batch('batch lower-case type', { Commands: [{ Type: 'put', Id: 'b/6', Document: {} }] })
  batch('batch ClusterWide', {
    Commands: [{ Type: 'PUT', Id: 'b/cw', Document: { N: 1 } }],
    TransactionMode: 'ClusterWide',
  })
  batch('batch counters', {
    Commands: [
      {
        Type: 'Counters',
        Id: 'b/1',
        Counters: {
          DocumentId: 'b/1',
          Operations: [{ Type: 'Increment', CounterName: 'likes', Delta: 3 }],
        },
      },
    ],
  })

  return steps
}

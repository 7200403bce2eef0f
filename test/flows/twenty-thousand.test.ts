import { test } from 'node:test'
import { assertKept } from '#test/support/kept-documents.ts'

test('server keeps every byte of 20,000 documents, one in twenty stored singly, through SIGKILL', () =>
  assertKept({ seed: 20_000, count: 20_000, singleEvery: 20 }))

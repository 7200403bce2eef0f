import { test } from 'node:test'
import { assertKept } from '#test/support/kept-documents.ts'

for (const seed of [1, 2, 3])
  test(`server keeps every byte of 20,000 documents, all stored singly, through SIGKILL (seed ${seed})`, () =>
    assertKept({ seed, count: 20_000, singleEvery: 1 }))

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FastifyRequest } from 'fastify'
import {
  allValues,
  bodyOf,
  flag,
  repeatable,
  requiredValue,
  timeSpan,
  versionIn,
  wholeNumber,
} from '#server/http/parameters.ts'
import { parsedQuery } from '#server/http/query-values.ts'

function request(query: string, more: object = {}): FastifyRequest {
  return {
    originalUrl: '/x',
    query: parsedQuery(query),
    headers: {},
    ...more,
  } as unknown as FastifyRequest
}

test('requiredValue() wants one value that says something', () => {
  assert.equal(requiredValue(request('?&ID=a%2Fb'.slice(1)), 'id'), 'a/b')
  for (const query of ['', 'id', 'id=', 'id=+', 'other=1']) {
    assert.throws(() => requiredValue(request(query), 'id'), { code: 'QueryValueMissing' }, query)
  }
  assert.throws(() => requiredValue(request('id=a&id=b'), 'id'), { code: 'QueryValueRepeated' })
})

test('wholeNumber() reads whole numbers that are exact', () => {
  const read = (value: string) => wholeNumber(request(`pagesize=${value}`), 'pageSize')
  assert.deepEqual(
    [read('5'), read('-5'), read(' 7 '), read('9007199254740991')],
    [...[5, -5, 7, Number.MAX_SAFE_INTEGER]],
  )
  assert.equal(wholeNumber(request(''), 'pageSize'), undefined)
  for (const value of ['', 'x', '1.5', '1e3', '0x1', '9007199254740992', '9'.repeat(40)]) {
    assert.throws(() => read(value), { code: 'QueryValueInvalid' }, value)
  }
})

test('timeSpan() reads times as .NET writes them', () => {
  const read = (value: string) => timeSpan(request(`t=${value}`), 't')
  assert.deepEqual(
    ['00:00:15', '00:01', '1.02:03:04.5', '-00:00:01', '2', ' 0:0:0.0010000 '].map(read),
    [15_000, 60_000, 93_784_500, -1_000, 172_800_000, 1],
  )
  assert.equal(timeSpan(request(''), 't'), undefined)
  for (const value of ['', 'abc', '24:00:00', '00:60:00', '1.5', '00:00:01.', '9'.repeat(9)])
    assert.throws(() => read(value), { code: 'QueryValueInvalid' }, value)
})

test('flag() is true for true alone', () => {
  const read = (query: string) => flag(request(query), 'metadataOnly')
  assert.deepEqual(['', 'metadataonly=false', 'METADATAONLY=True'].map(read), [false, false, true])
  for (const query of ['metadataOnly', 'metadataOnly=1']) {
    assert.throws(() => read(query), { code: 'QueryValueInvalid' })
  }
  assert.deepEqual(
    ['', 'x=false'].map((query) => flag(request(query), 'x', true)),
    [true, false],
  )
})

test('allValues() keeps the order', () => {
  assert.deepEqual(allValues(request('id=b&x=1&ID=a'), 'id'), ['b', 'a'])
  assert.deepEqual(allValues(request(''), 'id'), [])
})

test('repeatable() is a request with an id', () => {
  const read = (query: string) => repeatable(request(query), ['create'])
  const { id, wish } = read('raft-request-id=7d') ?? {}
  assert.deepEqual([id, wish], ['7d', ['create']])
  assert.deepEqual(['', 'raft-request-id='].map(read), [undefined, undefined])
})

test('repeatable() tells requests of other content apart, whatever the order of their values', () => {
  const content = (query: string, more: object = {}) =>
    repeatable(request(`raft-request-id=7d&${query}`, more), [])?.content
  assert.equal(content('a=1&b=2'), content('b=2&a=1'))
  assert.notEqual(content('a=1'), content('a=2'))
  const body = (text: string) => content('a=1', { body: Buffer.from(text) })
  assert.equal(body('x'), body('x'))
  assert.notEqual(body('x'), body('y'))
  assert.throws(() => content('raft-request-id=8'), { code: 'QueryValueRepeated' })
})

test('versionIn() takes off quotes where there are some', () => {
  const read = (value?: string) =>
    versionIn(request('', { headers: { 'if-match': value } }), 'if-match')
  assert.deepEqual(
    [read(), read(''), read('""'), read('"A:1-x"'), read('A:1-x'), read('"')],
    [undefined, '', '', 'A:1-x', 'A:1-x', '"'],
  )
})

test('bodyOf() is empty where no body came', () => {
  assert.equal(bodyOf(request('', { body: undefined })).length, 0)
  assert.equal(bodyOf(request('', { body: Buffer.from('x') })).toString(), 'x')
})

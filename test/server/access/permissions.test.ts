import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  accessTo,
  includesAccess,
  parseClearance,
  parsePermissions,
} from '#server/access/permissions.ts'
import { hasCode } from '#shared/errors.ts'

test('parseClearance() takes RavenDB’s words, and nothing at all for a ValidUser', () => {
  for (const word of ['ClusterAdmin', 'ClusterNode', 'Operator', 'ValidUser']) {
    assert.equal(parseClearance(word), word)
  }
  assert.equal(parseClearance(undefined), 'ValidUser')
  assert.equal(parseClearance(null), 'ValidUser')
})

test('parseClearance() refuses every other word, other cases, and everybody’s clearance', () => {
  for (const word of ['Emperor', 'validuser', '', 'UnauthenticatedClients', 1, {}, []]) {
    assert.throws(
      () => parseClearance(word),
      (error) => hasCode(error, 'ClearanceUnknown'),
    )
  }
})

test('parsePermissions() keeps names as they are given', () => {
  assert.deepEqual(parsePermissions({ aLPHa: 'ReadWrite', 'a.b-c_d': 'Read', Größe: 'Admin' }), {
    aLPHa: 'ReadWrite',
    'a.b-c_d': 'Read',
    Größe: 'Admin',
  })
  assert.deepEqual(parsePermissions(null), {})
  assert.deepEqual(parsePermissions(undefined), {})
})

test('parsePermissions() refuses other levels, other shapes, and names no database can have', () => {
  const many = Object.fromEntries(Array.from({ length: 2001 }, (_, index) => [`d${index}`, 'Read']))
  const wrong = [
    { alpha: 'Owner' },
    { alpha: 'readwrite' },
    { alpha: null },
    { 'a/b*c': 'Read' },
    { '': 'Read' },
    { ['x'.repeat(129)]: 'Read' },
    { alpha: 'Read', ALPHA: 'Admin' },
    ['alpha'],
    'alpha',
    many,
  ]
  for (const value of wrong) {
    assert.throws(
      () => parsePermissions(value),
      (error) => hasCode(error, 'PermissionInvalid'),
    )
  }
})

test('accessTo() finds a database without regard to case, and nothing that is inherited', () => {
  const permissions = parsePermissions({ aLPHa: 'ReadWrite' })
  assert.equal(accessTo(permissions, 'alpha'), 'ReadWrite')
  assert.equal(accessTo(permissions, 'ALPHA'), 'ReadWrite')
  assert.equal(accessTo(permissions, 'beta'), undefined)
  for (const name of ['constructor', '__proto__', 'toString'])
    assert.equal(accessTo({}, name), undefined)
  assert.equal(
    accessTo(parsePermissions(JSON.parse('{"__proto__":"Admin"}')), '__proto__'),
    'Admin',
  )
})

test('accessTo() finds names of every writing system as they can be created', () => {
  for (const name of ['हिन्दी', 'MÜŞTERİ', 'ΟΔΟΣ', 'Cafe\u0301']) {
    const permissions = parsePermissions({ [name]: 'Read' })
    assert.equal(accessTo(permissions, name), 'Read')
    assert.equal(accessTo(permissions, name.normalize('NFC')), 'Read')
  }
  assert.equal(accessTo(parsePermissions({ ΟΔΟΣ: 'Admin' }), 'οδος'), undefined)
  assert.equal(accessTo(parsePermissions({ ΟΔΟΣ: 'Admin' }), 'οδοσ'), 'Admin')
})

test('parsePermissions() refuses one database under two spellings', () => {
  for (const two of [
    { ΟΔΟΣ: 'Read', οδοσ: 'Admin' },
    { 'Cafe\u0301': 'Read', CAFÉ: 'Admin' },
  ])
    assert.throws(
      () => parsePermissions(two),
      (error) => hasCode(error, 'PermissionInvalid'),
    )
})

test('includesAccess() orders Admin over ReadWrite over Read', () => {
  const levels = ['Read', 'ReadWrite', 'Admin'] as const
  for (const [height, given] of levels.entries()) {
    for (const [depth, needed] of levels.entries()) {
      assert.equal(includesAccess(given, needed), height >= depth)
    }
  }
})

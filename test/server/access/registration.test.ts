import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isClusterAdmin, isOperator } from '#server/access/registration.ts'

test('isClusterAdmin() and isOperator() order the clearances', () => {
  const clearances = ['ClusterAdmin', 'ClusterNode', 'Operator', 'ValidUser'] as const
  const admins = clearances.filter((clearance) => isClusterAdmin({ clearance }))
  const operators = clearances.filter((clearance) => isOperator({ clearance }))
  assert.deepEqual(admins, ['ClusterAdmin', 'ClusterNode'])
  assert.deepEqual(operators, ['ClusterAdmin', 'ClusterNode', 'Operator'])
})

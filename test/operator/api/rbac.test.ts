import assert from 'node:assert/strict'
import { test } from 'node:test'
import { customKinds } from '#operator/api/kinds.ts'
import { leaseRules, namespacedRules } from '#operator/api/rbac.ts'
import * as builtIn from '#operator/kube/kinds.ts'
import { filePaths, sourceFiles } from '#test/support/source-tree/source-tree.ts'

const rules = [...namespacedRules, ...leaseRules]

test('no rule has a wildcard, or names a verb or a resource twice', () => {
  for (const list of [namespacedRules, leaseRules]) checkOnce(list)
})

function checkOnce(list: typeof namespacedRules): void {
  const seen = new Set<string>()
  for (const { apiGroups, resources, verbs } of list) {
    assert.equal(apiGroups.length, 1)
    for (const text of [...apiGroups, ...resources, ...verbs]) assert.ok(!text.includes('*'), text)
    assert.equal(new Set(verbs).size, verbs.length)
    for (const resource of resources) {
      const name = `${apiGroups[0]}/${resource}`
      assert.ok(!seen.has(name), `${name} stands in two rules`)
      seen.add(name)
    }
  }
}

test('no rule lets the operator act as others, run something, or widen its own rights', () => {
  const verbs = new Set(rules.flatMap((rule) => rule.verbs))
  assert.deepEqual([...verbs].sort(), [
    'create',
    'delete',
    'get',
    'list',
    'patch',
    'update',
    'watch',
  ])
  const resources = rules.flatMap((rule) => rule.resources)
  for (const no of [
    'pods/exec',
    'nodes',
    'roles',
    'rolebindings',
    'clusterroles',
    'serviceaccounts/token',
  ])
    assert.ok(!resources.includes(no), no)
})

test('every kind that the code uses has its rule, and no other has one', () => {
  const known = new Map<string, string>()
  for (const [name, { apiVersion, plural }] of Object.entries(builtIn))
    known.set(name, `${apiVersion.includes('/') ? apiVersion.split('/')[0] : ''}/${plural}`)
  const code = sourceFiles(filePaths('operator')).filter(
    ({ path }) => !path.startsWith('operator/api/') && path !== 'operator/kube/kinds.ts',
  )
  const used = [...known].filter(([name]) =>
    code.some(({ bare }) => new RegExp(`\\b${name}\\b`).test(bare)),
  )
  assert.deepEqual([...known.keys()].sort(), used.map(([name]) => name).sort(), 'no kind is idle')
  const allowed = rules.flatMap(({ apiGroups, resources }) =>
    resources.map((resource) => `${apiGroups[0]}/${resource}`),
  )
  const custom = customKinds.flatMap(({ plural }) =>
    ['', '/status', '/finalizers'].map((part) => `strongroom.dev/${plural}${part}`),
  )
  assert.deepEqual([...new Set(allowed)].toSorted(), [...known.values(), ...custom].toSorted())
})

test('the lease, and where its replicas are, is all that the operator has outside of the namespaces it watches', () => {
  assert.deepEqual(leaseRules, [
    {
      apiGroups: ['coordination.k8s.io'],
      resources: ['leases'],
      verbs: ['get', 'create', 'patch'],
    },
    { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
  ])
})

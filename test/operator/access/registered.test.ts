import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  appliedTo,
  claimRecords,
  noteRegistered,
  registeredBy,
  thumbprintsOf,
} from '#operator/access/registered.ts'
import { type StrongroomPermission, strongroomPermissions } from '#operator/api/permission.ts'
import { isConflict, type KubeObject } from '#operator/kube/kube.ts'
import { annotation } from '#operator/kube/labels.ts'
import { registeredMax } from '#operator/limits.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { certificate, permission } from '#test/support/resources.ts'

const [a, b, c] = ['A', 'B', 'C'].map((letter) => letter.repeat(40)) as [string, string, string]
const noted = (value: string) => ({ annotations: { [annotation.registered]: value } })

test('registeredBy() reads thumbprints and nothing else', () => {
  assert.equal(registeredBy(permission()), undefined)
  assert.deepEqual(registeredBy(permission({ metadata: noted('') })), [])
  const value = `${a} nonsense ${a.toLowerCase()}  ${b}`
  assert.deepEqual(registeredBy(permission({ metadata: noted(value) })), [a, b])
})

test('thumbprintsOf() knows a certificate by its annotation and by all of its status', () => {
  const superseded = [{ thumbprint: b, notAfter: '2026-07-01T00:00:00Z' }]
  const resource = certificate({ metadata: noted(c), status: { thumbprint: a, superseded } })
  assert.deepEqual([...thumbprintsOf(resource)].toSorted(), [a, b, c])
  assert.deepEqual([...thumbprintsOf(certificate({ metadata: noted(c) }))], [c], 'without status')
  assert.equal(thumbprintsOf(certificate()).size, 0)
})

test('appliedTo() takes the status only where there is no annotation yet', () => {
  const status = { applied: { thumbprints: [a], clearance: 'ValidUser', databases: [] } }
  assert.deepEqual([...appliedTo(permission({ status }))], [a])
  assert.deepEqual([...appliedTo(permission({ status, metadata: noted(b) }))], [b])
  assert.deepEqual([...appliedTo(permission({ metadata: noted(b) }))], [b], 'status was lost')
})

async function stored(metadata: object = {}) {
  const kube = new FakeKube()
  const resource = await kube.create<KubeObject>(strongroomPermissions, permission({ metadata }))
  const now = async () => {
    const found = await kube.get<StrongroomPermission>(
      strongroomPermissions,
      resource.metadata as never,
    )
    return found === undefined ? undefined : registeredBy(found)
  }
  return { kube, resource, now }
}

test('noteRegistered() writes what differs, each once, the latest where there are too many', async () => {
  const { kube, resource, now } = await stored()
  await noteRegistered(kube, strongroomPermissions, { resource, thumbprints: [] })
  assert.equal(kube.writes.length, 1, 'nothing to note, nothing sent')
  await noteRegistered(kube, strongroomPermissions, { resource, thumbprints: [a, b, a] })
  assert.deepEqual(await now(), [a, b])
  const many = Array.from({ length: registeredMax + 3 }, (_, index) =>
    index.toString(16).toUpperCase().padStart(40, '0'),
  )
  const fresh =
    (await kube.get<KubeObject>(strongroomPermissions, resource.metadata as never)) ?? resource
  await noteRegistered(kube, strongroomPermissions, { resource: fresh, thumbprints: many })
  assert.deepEqual(await now(), many.slice(3))
})

test('noteRegistered() changes only the version that was seen', async () => {
  const { kube, resource } = await stored()
  await noteRegistered(kube, strongroomPermissions, { resource, thumbprints: [a] })
  const stale = noteRegistered(kube, strongroomPermissions, { resource, thumbprints: [b] })
  await assert.rejects(stale, isConflict)
})

test('claimRecords() adds what is wanted, and forgets then what has left the server', async () => {
  const { kube, resource, now } = await stored(noted(`${a} ${b}`))
  const records = [{ thumbprint: b }]
  await claimRecords(kube, strongroomPermissions, { resource, known: [a, b], wanted: [b], records })
  assert.deepEqual(await now(), [a, b], 'nothing new, nothing written')
  await claimRecords(kube, strongroomPermissions, { resource, known: [a, b], wanted: [c], records })
  assert.deepEqual(await now(), [b, c])
})

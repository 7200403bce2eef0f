import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { registeredBy } from '#operator/access/registered.ts'
import { type StrongroomCertificate, strongroomCertificates } from '#operator/api/certificate.ts'
import { claim } from '#operator/certificates/claim.ts'
import type { Decision } from '#operator/certificates/decision.types.ts'
import { tlsMaterial } from '#operator/kube/tls-secret.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import { authority, client } from '#test/support/certificates.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { certificate } from '#test/support/resources.ts'

const rights = { clearance: 'ValidUser', permissions: {} } as const
const before_ = 'A'.repeat(40)
const none = tlsMaterial(undefined, 'tls')
let fresh: Certificate
before(async () => {
  fresh = (await client(await authority())).certificate
})

async function after(decision: Decision, status: StrongroomCertificate['status'] = {}) {
  const kube = new FakeKube()
  const resource = await kube.create<StrongroomCertificate>(
    strongroomCertificates,
    certificate({ status }),
  )
  const records = [{ thumbprint: before_, publicKeyPin: 'p' }]
  const observed = { resource, records, current: none, next: none } as never
  await claim(kube, observed, decision)
  const ref = { name: 'shop', namespace: 'shop' }
  const found = await kube.get<StrongroomCertificate>(strongroomCertificates, ref)
  return { noted: found && registeredBy(found), writes: kube.writes.length - 1 }
}

test('claim() notes what is about to be registered beside what the resource has on the server', async () => {
  const register: Decision = { kind: 'register', certificate: fresh, rights }
  assert.deepEqual((await after(register)).noted, [fresh.thumbprint])
  const known = { thumbprint: before_ }
  assert.deepEqual((await after(register, known)).noted, [before_, fresh.thumbprint])
})

test('claim() notes what a resource of before has on the server, and otherwise writes nothing', async () => {
  const ready: Decision = { kind: 'ready', againAtMs: 0 }
  assert.deepEqual(await after(ready, { thumbprint: before_ }), { noted: [before_], writes: 1 })
  assert.equal((await after(ready)).writes, 0)
  assert.equal((await after({ kind: 'unregister', thumbprints: [before_] })).writes, 0)
})

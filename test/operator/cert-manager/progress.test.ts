import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serverCertificate } from '#operator/cert-manager/desired.ts'
import {
  awaitedReasons,
  type CertManagerSeen,
  hindrance,
  isRequestOf,
  latestRequest,
} from '#operator/cert-manager/progress.ts'
import { answered, ready, request } from '#test/support/cert-manager.ts'
import { strongroom } from '#test/support/resources.ts'

const asked = serverCertificate(strongroom(), {
  issuerRef: { group: 'cert-manager.io', kind: 'Issuer', name: 'ca' },
  dnsNames: ['db.example.com'],
})
const name = 'vault-cert-manager-tls'

function seen(given: Partial<CertManagerSeen> = {}): CertManagerSeen {
  return { isPresent: true, certificate: answered(asked, ready()), requests: [], ...given }
}

const table: readonly {
  readonly what: string
  readonly seen: Partial<CertManagerSeen>
  readonly is: string
  readonly says?: RegExp
}[] = [
  { what: 'not seen yet', seen: { isPresent: undefined }, is: 'wait CertManagerNotSeen' },
  {
    what: 'not installed',
    seen: { isPresent: false, certificate: undefined },
    is: 'stalled CertManagerMissing',
    says: /install cert-manager/,
  },
  {
    what: 'not asked for',
    seen: { certificate: undefined },
    is: 'wait CertificateRequested',
  },
  {
    what: 'asked for, and nobody looked',
    seen: { certificate: asked },
    is: 'wait CertificateRequested',
    says: /is it running/,
  },
  {
    what: 'changed since cert-manager looked',
    seen: {
      certificate: answered(
        { ...asked, metadata: { ...asked.metadata, generation: 2 } },
        ready('True', { observedGeneration: 1 }),
      ),
    },
    is: 'wait CertificateRequested',
  },
  {
    what: 'not Ready',
    seen: {
      certificate: answered(
        asked,
        ready('False', { reason: 'DoesNotExist', message: 'no Secret yet' }),
      ),
    },
    is: 'wait CertificateNotReady',
    says: /"vault-cert-manager-tls" \(Issuer "ca"\) is not Ready: DoesNotExist: no Secret yet/,
  },
  {
    what: 'of an issuer that is missing',
    seen: {
      certificate: answered(asked, ready('False')),
      requests: [request(name, 1, ready('False', { reason: 'Pending', message: 'not found' }))],
    },
    is: 'wait CertificateNotReady',
    says: /Pending: not found/,
  },
]

for (const { what, seen: given, is, says = /./ } of table)
  test(`hindrance() says of a certificate that is ${what}: ${is}`, () => {
    const found = hindrance(seen(given))
    assert.equal(`${found?.kind} ${found?.reason}`, is)
    assert.match(found?.message ?? '', says)
    assert.equal(awaitedReasons.has(found?.reason ?? ''), is.startsWith('wait'))
  })

test('hindrance() finds nothing in a Certificate that is Ready, whatever became of a request', () => {
  assert.equal(hindrance(seen()), undefined)
  assert.equal(hindrance(seen({ requests: [request(name, 1, ready('False'))] })), undefined)
  const current = answered(asked, ready('True', { observedGeneration: 1 }))
  assert.equal(hindrance(seen({ certificate: current })), undefined)
})

test('hindrance() tells what the Certificate says where its request says nothing', () => {
  const certificate = answered(asked, { type: 'Ready', status: 'False' })
  for (const requests of [[], [request(name, 1)], [request(name, 1, ready())]])
    assert.match(hindrance(seen({ certificate, requests }))?.message ?? '', /Unknown: no message/)
})

test('latestRequest() is that of the highest revision, as a number', () => {
  const requests = [request(name, 9), request(name, 10), request(name, 2)]
  assert.equal(latestRequest(requests)?.metadata.name, `${name}-10`)
  assert.equal(latestRequest([]), undefined)
})

test('isRequestOf() goes by the annotation, and not by the name', () => {
  assert.ok(isRequestOf(request(name, 1), name))
  assert.ok(!isRequestOf(request('other', 1), name))
  const bare = { ...request(name, 1), metadata: { name: `${name}-1` } }
  assert.ok(!isRequestOf(bare, name))
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { annotation } from '#operator/kube/labels.ts'
import {
  isStillGood,
  type OrderQuestion,
  orderReason,
  revocationAsked,
} from '#operator/strongrooms/orders/order-reason.ts'
import { strongroom } from '#test/support/resources.ts'
import { strongroomWorld } from '#test/support/strongroom-world.ts'

const { open } = await strongroomWorld()
const { certificate } = open
const issuer = 'StrongroomIssuer le'
const held = { certificate, issuer, revision: 1, renewed: undefined, revoked: false }
const annotated = (annotations: Record<string, string>) => strongroom({ metadata: { annotations } })

function question(given: Partial<OrderQuestion> = {}): OrderQuestion {
  return {
    cluster: strongroom(),
    ...{ held, issuer, names: certificate.dnsNames },
    ...{ nowMs: certificate.notBefore + 1, renewAtMs: certificate.notBefore + 2 },
    ...given,
  }
}

test('orderReason() is the first of its checks that fires', () => {
  const cases: [Partial<OrderQuestion>, string | undefined][] = [
    [{}, undefined],
    [{ names: certificate.dnsNames.map((name) => name.toUpperCase()) }, undefined],
    [{ held: undefined }, 'Missing'],
    [{ issuer: 'StrongroomIssuer other' }, 'IncorrectIssuer'],
    [{ held: { ...held, issuer: undefined } }, 'IncorrectIssuer'],
    [{ names: [...certificate.dnsNames, 'more.test'] }, 'NamesDiffer'],
    [{ names: [] }, 'NamesDiffer'],
    [{ nowMs: certificate.notAfter }, 'Expired'],
    [{ cluster: annotated({ [annotation.revoke]: certificate.sha256 }) }, 'Revoked'],
    [{ cluster: annotated({ [annotation.revoke]: 'f'.repeat(64) }) }, undefined],
    [{ held: { ...held, revoked: true } }, 'Revoked'],
    [{ cluster: annotated({ [annotation.renew]: 'a' }) }, 'RenewalAsked'],
    [
      { cluster: annotated({ [annotation.renew]: 'a' }), held: { ...held, renewed: 'a' } },
      undefined,
    ],
    [{ nowMs: certificate.notBefore + 2 }, 'Renewing'],
  ]
  for (const [given, reason] of cases) assert.equal(orderReason(question(given)), reason)
})

test('revocationAsked() reads the reason, and takes an unknown one as unspecified', () => {
  const asked = (words: string) =>
    revocationAsked(annotated({ [annotation.revoke]: words }), held)?.reason
  assert.equal(asked(`${certificate.sha256} keyCompromise`), 1)
  assert.equal(asked(`${certificate.sha256.toUpperCase()} superseded`), 4)
  assert.equal(asked(`${certificate.sha256} whim`), 0)
  assert.equal(asked('other keyCompromise'), undefined)
})

test('isStillGood() is true where what is held is still what is declared', () => {
  assert.deepEqual(
    (['Renewing', 'RenewalAsked', 'Revoked', 'Expired', 'NamesDiffer'] as const).map(isStillGood),
    [true, true, false, false, false],
  )
})

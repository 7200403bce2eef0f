import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failureOf, ownFault } from '#operator/access/failure.ts'
import { Refused, Unreachable } from '#operator/admin/admin.ts'
import { KubeError } from '#operator/kube/kube.ts'
import { NameTaken } from '#operator/kube/ownership.ts'

const kube = (status: number, message: string): KubeError => new KubeError(status, 'X', message)

test('failureOf() says what Kubernetes refused, in its words, and what to do about it', () => {
  const cases: readonly (readonly [Error, RegExp])[] = [
    [
      kube(422, 'StatefulSet.apps "vault" is invalid: spec.template.spec.priority: Invalid value'),
      /^Kubernetes refused this: StatefulSet\.apps "vault" is invalid: .*\. Correct what it names/,
    ],
    [kube(403, 'pods "x" is forbidden: exceeded quota: small'), /Raise the quota/],
    [
      kube(400, 'admission webhook "a.b" denied the request: no'),
      /Change what that policy objects/,
    ],
    [kube(403, 'secrets is forbidden: User "o" cannot patch'), /Grant the operator this right/],
    [
      kube(403, 'persistentvolumeclaims "data-vault-0" is forbidden: only dynamically provisioned'),
      /Set spec\.storage\.size back to what status\.storage says/,
    ],
    [kube(404, 'namespaces "shop" not found'), /Make what is missing/],
    [kube(413, 'too large'), /Correct what it names/],
  ]
  for (const [error, expected] of cases) {
    const { isRefusal, reason, message } = failureOf(error)
    assert.deepEqual([isRefusal, reason], [true, 'ApplyRefused'])
    assert.match(message, expected)
  }
})

test('failureOf() tells a refusal from what passes by itself', () => {
  const passing: readonly (readonly [Error, string])[] = [
    [kube(500, 'failed calling webhook'), 'ApiServerFailed'],
    [kube(429, 'too many requests'), 'ApiServerFailed'],
    [new Unreachable('Cannot reach vault-0'), 'ServerUnreachable'],
    [new Refused(503, 'T', 'not now'), 'ServerFailed'],
    [Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }), 'ApiServerUnreachable'],
    [
      new Error('no answer', { cause: new DOMException('x', 'TimeoutError') }),
      'ApiServerUnreachable',
    ],
  ]
  for (const [error, reason] of passing)
    assert.deepEqual([failureOf(error).isRefusal, failureOf(error).reason], [false, reason])
  const refused: readonly (readonly [unknown, string])[] = [
    [new NameTaken('Service "a" exists'), 'NameTaken'],
    [new Refused(400, 'InvalidName', 'The name is "CON"'), 'ServerRefused'],
    [new Refused(500, 'System.InvalidOperationException', 'no'), 'ServerRefused'],
    [new TypeError('a mistake'), ownFault],
    ['a text', ownFault],
  ]
  for (const [error, reason] of refused)
    assert.deepEqual([failureOf(error).isRefusal, failureOf(error).reason], [true, reason])
})

test('failureOf() repeats what others said in one bounded line', () => {
  const { message } = failureOf(kube(422, `a\nb\u0000\u202ec${'x'.repeat(100_000)}`))
  assert.match(message, /^Kubernetes refused this: a b cx+… Correct/)
  assert.ok(message.length < 1_400, String(message.length))
})

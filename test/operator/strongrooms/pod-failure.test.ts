import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '#operator/admin/endpoint.ts'
import { podFailure, podRefused } from '#operator/strongrooms/pod-failure.ts'

const question = { nowMs: Date.UTC(2026, 0, 1, 0, 1), recordedImage: 'strongroom:1' }
const failure = (status: Pod['status']) =>
  podFailure(
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'vault-0' }, ...(status && { status }) },
    question,
  )
const waiting = (reason: string, message?: string) =>
  failure({
    containerStatuses: [
      { name: 'server', state: { waiting: { reason, ...(message && { message }) } } },
    ],
  })

test('podFailure() names an image that cannot be pulled, and the one to return to', () => {
  for (const reason of ['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName']) {
    const found = waiting(reason, 'not found')
    assert.equal(found?.reason, 'ImageNotPulled')
    assert.match(
      found?.message ?? '',
      /^vault-0: \w+: not found\. .* take it out: members then run strongroom:1$/,
    )
  }
})

test('podFailure() names a container that cannot be made', () => {
  for (const reason of ['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError'])
    assert.equal(waiting(reason)?.reason, 'ContainerNotCreated')
})

test('podFailure() names a pod that no node takes, after a minute in which nodes may come', () => {
  const unschedulable = (lastTransitionTime: string) =>
    failure({
      phase: 'Pending',
      conditions: [
        {
          ...{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' },
          ...{ message: '0/1 nodes are available', lastTransitionTime },
        },
      ],
    })
  const found = unschedulable('2026-01-01T00:00:00Z')
  assert.equal(found?.reason, 'Unschedulable')
  assert.match(found?.message ?? '', /^vault-0: 0\/1 nodes are available\. Add or free a node/)
  assert.equal(unschedulable('2026-01-01T00:00:01Z'), undefined)
})

test('podFailure() has nothing to say of a pod that runs, starts or crashes', () => {
  assert.equal(failure(undefined), undefined)
  assert.equal(failure({ phase: 'Running' }), undefined)
  for (const reason of ['ContainerCreating', 'PodInitializing', 'CrashLoopBackOff'])
    assert.equal(waiting(reason), undefined, reason)
})

test('podRefused() says what the API server said, and what to change', () => {
  const { reason, message } = podRefused('exceeded quota: small')
  assert.equal(reason, 'PodRefused')
  assert.match(
    message,
    /^No pod can be made: exceeded quota: small\. Change what spec\.pod asks for/,
  )
})

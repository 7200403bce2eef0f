import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultPolicy, imageRefusal, ingressRefusal } from '#operator/policy.ts'

test('imageRefusal() lets servers run the operator’s own repository, and what is allowed', () => {
  const refused = (image: string, ...allowedImages: string[]) =>
    imageRefusal(image, {
      operatorImage: 'registry:5000/a/strongroom:1@sha256:abc',
      allowedImages,
    }) !== undefined
  for (const image of [
    'registry:5000/a/strongroom:2',
    'registry:5000/a/strongroom',
    'registry:5000/a/strongroom@sha256:x',
  ])
    assert.ok(!refused(image), image)
  for (const image of [
    'registry:5000/a/strongroom-evil:1',
    'registry:5000/b/strongroom:1',
    'strongroom:1',
    'evil/registry:5000/a/strongroom:1',
    '',
  ])
    assert.ok(refused(image), image)
  assert.ok(!refused('mirror/x/strongroom:2', 'mirror/*/strongroom:*'))
  assert.ok(refused('evil/mirror/x/strongroom:2', 'mirror/*/strongroom:*'))
  assert.ok(refused('mirror/strongroom:2', 'mirror/strongroom'))
  assert.match(
    imageRefusal('evil:1', { operatorImage: 'strongroom:1', allowedImages: [] }) ?? '',
    /"evil:1".*allowedImages/,
  )
})

test('imageRefusal() takes linear time for any pattern', () => {
  const image = `${'a'.repeat(200_000)}b`
  const started = performance.now()
  imageRefusal(image, { operatorImage: 'x', allowedImages: [`${'a*'.repeat(200)}c`] })
  assert.ok(performance.now() - started < 1_000)
})

test('ingressRefusal() lets Ingresses be of a class, for a host and with annotations that are allowed', () => {
  const { ingress } = defaultPolicy
  const policy = { ...ingress, classes: ['public*'], hosts: ['*.example.com'] }
  const refused = (host: string, className: string, annotations?: Record<string, string>) =>
    ingressRefusal(host, { className, ...(annotations && { annotations }) }, policy)
  assert.equal(
    refused('db.EXAMPLE.com', 'public-nginx', {
      'nginx.ingress.kubernetes.io/ssl-redirect': 'false',
    }),
    undefined,
  )
  assert.match(refused('db.example.com', 'internal') ?? '', /class "internal".*ingress\.classes/)
  assert.match(
    refused('api.bank.example', 'public') ?? '',
    /host "api\.bank\.example".*ingress\.hosts/,
  )
  for (const key of [
    'nginx.ingress.kubernetes.io/configuration-snippet',
    'nginx.ingress.kubernetes.io/auth-url',
  ])
    assert.match(refused('db.example.com', 'public', { [key]: 'x' }) ?? '', /ingress\.annotations/)
})

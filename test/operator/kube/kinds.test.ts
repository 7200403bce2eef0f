import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as kinds from '#operator/kube/kinds.ts'
import { collectionPath } from '#operator/kube/path.ts'

test('every built-in kind has the path that the API server gives it', () => {
  const paths = Object.values(kinds).map((kind) => collectionPath(kind, 'n'))
  assert.deepEqual(paths.toSorted(), [
    '/api/v1/namespaces',
    '/api/v1/namespaces/n/configmaps',
    '/api/v1/namespaces/n/events',
    '/api/v1/namespaces/n/persistentvolumeclaims',
    '/api/v1/namespaces/n/pods',
    '/api/v1/namespaces/n/secrets',
    '/api/v1/namespaces/n/serviceaccounts',
    '/api/v1/namespaces/n/services',
    '/apis/apps/v1/namespaces/n/statefulsets',
    '/apis/cert-manager.io/v1/namespaces/n/certificaterequests',
    '/apis/cert-manager.io/v1/namespaces/n/certificates',
    '/apis/coordination.k8s.io/v1/namespaces/n/leases',
    '/apis/discovery.k8s.io/v1/namespaces/n/endpointslices',
    '/apis/gateway.networking.k8s.io/v1/namespaces/n/httproutes',
    '/apis/networking.k8s.io/v1/namespaces/n/ingresses',
  ])
})

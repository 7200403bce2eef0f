import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { customKinds } from '#operator/api/kinds.ts'
import { observe as observeCertificate } from '#operator/certificates/observe.ts'
import { observe as observeIssuer } from '#operator/issuers/observe.ts'
import { secrets } from '#operator/kube/kinds.ts'
import type { KubeObject } from '#operator/kube/kube.ts'
import { clusterLabels } from '#operator/kube/labels.ts'
import { marked } from '#operator/kube/marks.ts'
import { secretRefusal, UserSecrets } from '#operator/kube/user-secrets.ts'
import { observe as observePermission } from '#operator/permissions/observe.ts'
import { observe as observeStrongroom } from '#operator/strongrooms/observe.ts'
import { Verdicts } from '#operator/strongrooms/verdicts.ts'
import { FakeAdmin } from '#test/support/fake-admin.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import {
  certificate,
  database,
  issuer,
  permission,
  secret,
  strongroom,
} from '#test/support/resources.ts'
import { syncedCache } from '#test/support/synced-cache.ts'

const allowed = { labels: { 'strongroom.dev/use': 'allowed' } }
const owner = issuer()

test('secretRefusal() demands the label where the administrator asks for it, and says how to put it on', () => {
  const bare = secret('token', {})
  assert.equal(secretRefusal(bare, owner, {}), undefined)
  assert.match(
    secretRefusal(bare, owner, { secretOptIn: true }) ?? '',
    /kubectl label secret token strongroom\.dev\/use=allowed$/,
  )
  assert.equal(secretRefusal(secret('token', {}, allowed), owner, { secretOptIn: true }), undefined)
  const denied = { labels: { 'strongroom.dev/use': 'true' } }
  assert.ok(secretRefusal(secret('token', {}, denied), owner, { secretOptIn: true }))
  assert.equal(secretRefusal(undefined, owner, { secretOptIn: true }), undefined)
})

test('secretRefusal() never lets a resource name what the operator made for another: the key of an authority', () => {
  const labels = clusterLabels('vault', 'trust')
  const key = marked(secret('vault-client-ca', {}, { labels }), strongroom())
  assert.match(secretRefusal(key, owner, {}) ?? '', /was made by the operator for another resource/)
  assert.equal(secretRefusal(key, owner, { isPublic: true }), undefined)
  assert.equal(secretRefusal(key, strongroom(), { secretOptIn: true }), undefined, 'its own')
})

test('UserSecrets reads what may be used, and remembers the first that may not', async () => {
  const kube = new FakeKube()
  await kube.create(secrets, secret('a', {}, allowed))
  await kube.create(secrets, secret('b', {}))
  await kube.create(secrets, secret('c', {}))
  const users = new UserSecrets({ kube, secretOptIn: true }, owner)
  assert.ok(await users.read('a'))
  assert.equal(users.refusal, undefined)
  assert.deepEqual([await users.read('c'), await users.read('b')], [undefined, undefined])
  assert.match(users.refusal ?? '', /"c"/)
})

/** Each path of a schema that names a Secret. */
function references(schema: unknown, path: readonly string[] = []): string[][] {
  const { properties, items } = (schema ?? {}) as {
    readonly properties?: Record<string, unknown>
    readonly items?: unknown
  }
  const inner = Object.entries(properties ?? {}).flatMap(([key, each]) =>
    /secretRef$/i.test(key) ? [[...path, key]] : references(each, [...path, key]),
  )
  return items === undefined ? inner : [...inner, ...references(items, [...path, '0'])]
}

/** The resource with that reference at the path. */
function naming(resource: KubeObject, path: readonly string[]): KubeObject {
  const copy = structuredClone(resource) as KubeObject & { spec: Record<string, unknown> }
  let at: Record<string, unknown> = copy.spec
  for (const [index, key] of path.slice(0, -1).entries()) {
    at[key] ??= path[index + 1] === '0' ? [] : {}
    at = at[key] as Record<string, unknown>
  }
  at[path.at(-1) ?? ''] = { name: 'theirs', key: 'key' }
  return copy
}

const bare: Readonly<Record<string, KubeObject>> = {
  Strongroom: strongroom({ spec: { tls: { server: {} } } }),
  StrongroomDatabase: database(),
  StrongroomCertificate: certificate(),
  StrongroomPermission: permission({ spec: { subject: {} } }),
  StrongroomIssuer: issuer({ spec: {} }),
}

/** What the operator says of the Secret that the resource names. */
async function refusalOf(resource: KubeObject, metadata: object): Promise<string | undefined> {
  const kube = new FakeKube()
  const kind = customKinds.find((each) => each.kind === resource.kind) ?? assert.fail()
  await kube.create(kind, resource)
  await kube.create(secrets, secret('theirs', { key: 'eA==' }, metadata))
  await using synced = await syncedCache(kube)
  const admin = new FakeAdmin()
  const { cache, time: clock } = synced
  const means = { kube, cache, clock, connect: () => admin, secretOptIn: true }
  const key = `shop/${resource.metadata.name}`
  switch (resource.kind) {
    case 'Strongroom': {
      const dialing = { admin: () => admin, served: async () => ({ failure: '' }) }
      const more = { dialing, operatorImage: 'a', verdicts: new Verdicts() }
      return (await observeStrongroom(key, { ...means, ...more }))?.secretRefused
    }
    case 'StrongroomCertificate':
      return (await observeCertificate(key, means))?.secretRefused
    case 'StrongroomPermission': {
      const subject = (await observePermission(key, means))?.subject
      return subject?.kind === 'secret' ? subject.trouble : undefined
    }
    case 'StrongroomIssuer':
      return (await observeIssuer(key, means))?.secretRefused
    default:
      return undefined
  }
}

describe('with secretOptIn, a Secret without the label is not used by', () => {
  const all = customKinds.flatMap(({ kind, spec }) =>
    references(spec).map((path) => [kind, path] as const),
  )
  test('as many references as the schemas have', () => assert.ok(all.length >= 13))
  for (const [kind, path] of all)
    test(`${kind} spec.${path.join('.')}`, async () => {
      const resource = naming(bare[kind] ?? assert.fail(), path)
      assert.match((await refusalOf(resource, {})) ?? '', /"theirs" is not let to be used/)
      assert.doesNotMatch((await refusalOf(resource, allowed)) ?? '', /is not let/)
    })
})

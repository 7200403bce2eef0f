import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import type { Secret } from '#operator/kube/secret.ts'
import { type Plan, plan } from '#operator/strongrooms/plan.ts'
import { Verdicts } from '#operator/strongrooms/verdicts.ts'
import { year2026 } from '#test/support/certificates.ts'
import { secret, strongroom } from '#test/support/resources.ts'
import { knownKeys, strongroomWorld, type World } from '#test/support/strongroom-world.ts'

let world: World
before(async () => {
  world = await strongroomWorld()
})

describe('plan() for a Strongroom: certificates', () => {
  const without = (...gone: string[]): ReadonlyMap<string, Secret> =>
    new Map([...world.secrets].filter(([name]) => !gone.includes(name)))
  const issued = (planned: Plan): string[] =>
    planned.steps.flatMap((step) => (step.kind === 'issue' ? [`${step.purpose} ${step.why}`] : []))

  test('makes the authorities first and nothing that depends on them', () => {
    const planned = plan(world.seen({ secrets: new Map() }))
    assert.deepEqual(issued(planned), ['client-authority Missing', 'server-authority Missing'])
    assert.equal(planned.halt?.kind, 'working')
    assert.equal(planned.steps.length, 2)
  })

  test('does not overwrite an authority that was damaged', () => {
    const secrets = new Map([
      ...world.secrets,
      ['vault-client-ca', secret('vault-client-ca', { 'tls.crt': 'x', 'tls.key': 'y' })],
    ])
    const planned = plan(world.seen({ secrets }))
    assert.deepEqual([planned.halt?.reason, planned.steps.length], ['AuthorityDamaged', 0])
  })

  test('issues what is missing and renews at two thirds', () => {
    assert.deepEqual(issued(plan(world.seen({ secrets: without('vault-internal-tls') }))), [
      'internal Missing',
    ])
    const day = 24 * 60 * 60 * 1000
    assert.deepEqual(issued(plan(world.seen({ nowMs: year2026 + 59 * day }))), [])
    assert.deepEqual(issued(plan(world.seen({ nowMs: year2026 + 61 * day }))), [
      'operator Renewing',
      'internal Renewing',
      'public Renewing',
    ])
  })

  test('says when to look again: at the next renewal', () => {
    const planned = plan(world.seen())
    const day = 24 * 60 * 60 * 1000
    assert.equal(planned.againAtMs, year2026 - day + Math.floor((91 * day * 2) / 3))
  })

  test('reads nothing again of what it found good, until it is to be renewed or another version comes', () => {
    const secrets = new Map([...world.secrets].map(([name, one]) => [name, { ...one }]))
    const verdicts = new Verdicts()
    const first = plan(world.seen({ secrets, verdicts }))
    // Whoever read them now would find no key.
    for (const one of secrets.values()) Object.assign(one, { data: { ...one.data, 'tls.key': '' } })
    const again = plan(world.seen({ secrets, verdicts }))
    assert.deepEqual([issued(again), again.againAtMs], [[], first.againAtMs])
    const due = world.seen({ secrets, verdicts, nowMs: first.againAtMs ?? 0 })
    assert.ok(issued(plan(due)).includes('operator Missing'))
    const later = new Map([...secrets].map(([name, one]) => [name, { ...one }]))
    assert.equal(plan(world.seen({ secrets: later, verdicts })).halt?.reason, 'AuthorityDamaged')
  })

  test('issues the public certificate anew when the host changes', () => {
    const cluster = strongroom({
      spec: { exposure: { host: 'vault.example.com' } },
      status: { masterKeys: knownKeys },
    })
    assert.deepEqual(issued(plan(world.seen({ cluster }))), ['public NamesMissing'])
  })

  test('keeps the old authority in the bundle beside a new one', () => {
    const observed = world.seen({
      configMaps: new Map([
        [
          'vault-trust',
          {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: { name: 'vault-trust' },
            data: { 'ca-bundle.crt': 'OLD\n' },
          },
        ],
      ]),
    })
    const step = plan(observed).steps.find(
      (one) => one.kind === 'publish' && one.name === 'vault-trust',
    )
    assert.equal(step?.kind === 'publish' && step.data['ca-bundle.crt'], `${world.trust}OLD\n`)
  })
})
